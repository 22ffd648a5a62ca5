import t from 'tap';
import { networkOf, unreadableNetwork } from '../../services/core/guessing/network.ts';

const rows: [what: string, ip: string | undefined, network: string][] = [
  ['IPv4', '203.0.113.7', '203.0.113.7'],
  ['another IPv4 of the same /24', '203.0.113.8', '203.0.113.8'],
  ['IPv4 mapped into IPv6', '::ffff:203.0.113.7', '203.0.113.7'],
  ['the same in hexadecimal and capitals', '::FFFF:CB00:7107', '203.0.113.7'],
  ['the same written out', '0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
  ['IPv6', '2001:db8:1:2:aaaa:bbbb:cccc:dddd', '2001:db8:1:2::/64'],
  ['another host of the same /64', '2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['leading zeros and capitals', '2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['the next /64', '2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ['zeros inside the /64', '2001:db8::1', '2001:db8:0:0::/64'],
  ['zeros at its start', '::1', '0:0:0:0::/64'],
  ['all zeros', '::', '0:0:0:0::/64'],
  ['a zone', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['an IPv4 tail that is not mapped', '64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
];

t.test('IPv4 is counted by address, IPv6 by /64, and one network has one spelling', async (t) => {
  for (const [what, ip, network] of rows) t.equal(networkOf(ip), network, what);
});

t.test('everything that is no address shares one network', async (t) => {
  const malformed = [
    '',
    'unknown',
    '203.0.113',
    '203.0.113.007',
    '203.0.113.7:80',
    '[::1]',
    '::1::',
    '{x}',
    '*',
  ];

  for (const ip of [undefined, ...malformed, 'a'.repeat(10_000)]) {
    t.equal(networkOf(ip), unreadableNetwork, String(ip).slice(0, 20));
  }
});
