import t from 'tap';
import { startBroker, startRefusedBroker } from '../support/broker-process.ts';
import { publish, signIn } from '../support/mqtt-outcomes.ts';
import { openPluginStage, pluginOptions } from '../support/plugin-stage.ts';

type More = Record<string, string | number | undefined>;

/** One fault each, beside options that are right. */
const faults: [more: More, sentence: string, backend?: 'jwt'][] = [
  [{ backends: undefined }, 'backends is missing: it must be http or jwt.'],
  [{ backends: 'files' }, "backends must be http or jwt, not 'files'."],
  [{ backends: 'http, jwt' }, "backends must be http or jwt, not 'http, jwt'."],
  [{ http_host: undefined }, 'http_host is missing.'],
  [{ http_port: undefined }, 'http_port is missing.'],
  [{ http_getuser_uri: undefined }, 'http_getuser_uri is missing.'],
  [{ http_aclcheck_uri: undefined }, 'http_aclcheck_uri is missing.'],
  [{ http_hots: 'x' }, 'unknown option http_hots.'],
  [{ files_password_path: 'x' }, 'unknown option files_password_path.'],
  [{ jwt_host: 'x' }, 'jwt_host has no effect with backends http.'],
  [{ jwt_header_X: 'x' }, 'jwt_header_X has no effect with backends http.'],
  ...['http://x', 'x/y', 'x?y', 'u@x', 'x y', 'x#', '::1', '[::1', 'x:80'].map((host): [More, string] => [
    { http_host: host },
    `http_host must be a host name or an address (IPv6 in brackets), not '${host}'.`,
  ]),
  ...['0', '65536', '-1', '80x', 'http', '0x50', '1.5', '99999999999999999999'].map(
    (port): [More, string] => [
      { http_port: port },
      `http_port must be a whole number from 1 to 65535, not '${port}'.`,
    ],
  ),
  ...['user', '/us er', '/user#x', '/usér'].map((uri): [More, string] => [
    { http_getuser_uri: uri },
    'http_getuser_uri must begin with / and hold no blank and no #.',
  ]),
  [{ http_superuser_uri: 'x' }, 'http_superuser_uri must begin with / and hold no blank and no #.'],
  [{ http_method: 'PATCH' }, "http_method must be POST, PUT or GET, not 'PATCH'."],
  [{ http_method: 'post' }, "http_method must be POST, PUT or GET, not 'post'."],
  [{ http_params_mode: 'xml' }, "http_params_mode must be json or form, not 'xml'."],
  [{ http_response_mode: 'xml' }, "http_response_mode must be status, text or json, not 'xml'."],
  [
    { http_params_mode: 'form', http_method: 'GET' },
    'http_params_mode form contradicts http_method GET: a form needs POST or PUT.',
  ],
  [{ http_timeout: 0 }, "http_timeout must be a whole number from 1 to 3600, not '0'."],
  [{ http_timeout: '0.5' }, "http_timeout must be a whole number from 1 to 3600, not '0.5'."],
  [
    { http_timeout_ms: 3_600_001 },
    "http_timeout_ms must be a whole number from 1 to 3600000, not '3600001'.",
  ],
  [{ http_timeout: 1, http_timeout_ms: 1 }, 'http_timeout and http_timeout_ms are both set: choose one.'],
  [{ retry_count: 11 }, "retry_count must be a whole number from 0 to 10, not '11'."],
  [{ http_with_tls: 'yes' }, "http_with_tls must be true or false, not 'yes'."],
  [{ http_verify_peer: '1' }, "http_verify_peer must be true or false, not '1'."],
  [{ http_ca_file: '/etc/hostname' }, 'http_ca_file needs http_with_tls true.'],
  [
    { http_ca_file: '/etc/hostname', http_with_tls: 'true', http_verify_peer: 'false' },
    'http_ca_file contradicts http_verify_peer false.',
  ],
  [
    { http_ca_file: '/no/such/file', http_with_tls: 'true' },
    "http_ca_file: can't read '/no/such/file': No such file or directory.",
  ],
  [{ http_unix_socket: '/x', http_with_tls: 'true' }, 'http_unix_socket contradicts http_with_tls true.'],
  [{ http_unix_socket: 'x' }, 'http_unix_socket must be an absolute path of at most 107 bytes.'],
  [
    { http_unix_socket: `/${'x'.repeat(107)}` },
    'http_unix_socket must be an absolute path of at most 107 bytes.',
  ],
  [{ http_register: 'user, acls' }, "http_register doesn't know 'acls'."],
  [{ http_register: 'user,' }, "http_register doesn't know ''."],
  [{ 'http_header_X:Y': 'x' }, 'http_header_X:Y names no HTTP header.'],
  [{ http_header_: 'x' }, 'http_header_ names no HTTP header.'],
  [
    { 'http_header_Content-length': 1 },
    'http_header_Content-length is refused: the plugin sets that header itself.',
  ],
  [
    { 'http_header_x-bednet-connection': 1 },
    'http_header_x-bednet-connection is refused: the plugin sets that header itself.',
  ],
  [
    { http_disconnect_uri: 'disconnects' },
    'http_disconnect_uri must begin with / and hold no blank and no #.',
  ],
  ...[99, 1_000_001, 'many'].map((queue): [More, string] => [
    { http_disconnect_uri: '/d', disconnect_queue: queue },
    `disconnect_queue must be a whole number from 100 to 1000000, not '${queue}'.`,
  ]),
  [{ disconnect_queue: 100 }, 'disconnect_queue needs http_disconnect_uri.'],
  ...[
    ['counters', 'counters'],
    ['./counters', './counters'],
    ['/dev/shm/x, y', 'y'],
    ['/dev/shm/x,,/dev/shm/y', ''],
    ['/dev/shm/x,', ''],
  ].map(([files, path]): [More, string] => [
    { cache_file: files },
    `cache_file must be absolute paths, with commas between them, not '${path}'.`,
  ]),
  [{ cache_file: '/dev/shm/x, /dev/shm/x' }, "cache_file names '/dev/shm/x' twice."],
  [
    { cache_file: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `/x/${n}`).join() },
    'cache_file names more than 8 files.',
  ],
  ...[999, 10_000_001, 'all'].map((entries): [More, string] => [
    { cache_file: '/dev/shm/x', cache_entries: entries },
    `cache_entries must be a whole number from 1000 to 10000000, not '${entries}'.`,
  ]),
  [{ cache_entries: 1000 }, 'cache_entries needs cache_file.'],
  [{ cache_file_owner: 'root' }, 'cache_file_owner needs cache_file.'],
  ...['no-such-user', '-1', '4294967295', '1x', '1 2'].map((owner): [More, string] => [
    { cache_file: '/dev/shm/x', cache_file_owner: owner },
    `cache_file_owner: there is no user '${owner}'.`,
  ]),
  [{ jwt_disconnect_uri: '/d' }, 'jwt_disconnect_uri has no effect with backends http.'],
  [{ 'http_header_X-Key': 'é' }, 'http_header_X-Key must hold printable ASCII only.'],
  [{ 'http_header_X-Key': 'a', 'http_header_x-key': 'b' }, 'http_header_x-key is given twice.'],
  [{ log_level: 'loud' }, "log_level must be info, debug, warn, error, none, fatal or panic, not 'loud'."],
  [{ disable_superuser: 'no' }, "disable_superuser must be true or false, not 'no'."],
  [{ deny_special_chars: 'no' }, "deny_special_chars must be true or false, not 'no'."],
  [
    { cache: 'true' },
    'cache true is refused: that cache outlives a revocation; cache_file remembers what nothing has revoked.',
  ],
  [{ cache: 'on' }, "cache must be true or false, not 'on'."],
  [
    { check_prefix: 'true' },
    'check_prefix true is refused: there is one backend, so there are no prefixes to tell backends apart.',
  ],
  [
    { allow_empty_credentials: 'true' },
    'allow_empty_credentials true is refused: a client without username and password is always refused.',
  ],
  [{ jwt_mode: undefined }, 'jwt_mode must be remote: only the webhook reads tokens.', 'jwt'],
  [{ jwt_mode: 'local' }, 'jwt_mode must be remote: only the webhook reads tokens.', 'jwt'],
  [{ jwt_parse_token: 'true' }, 'jwt_parse_token true is refused: only the webhook reads tokens.', 'jwt'],
  [{ http_host: 'x' }, 'http_host has no effect with backends jwt.', 'jwt'],
  [{ jwt_http_timeout: 0 }, "jwt_http_timeout must be a whole number from 1 to 3600, not '0'.", 'jwt'],
  [
    { jwt_header_Authorization: 'x' },
    'jwt_header_Authorization is refused: the plugin sets that header itself.',
    'jwt',
  ],
  [
    { use_clientid_as_username: 'true' },
    'use_clientid_as_username contradicts backends jwt, where the username is the token.',
    'jwt',
  ],
];

t.test('a wrong option stops the start with its sentence', async (t) => {
  for (const [more, sentence, backend] of faults) {
    const { code, pluginLines } = await startRefusedBroker({ plugin: pluginOptions(8081, more, backend) });

    t.ok(code > 0);
    t.strictSame(pluginLines, [sentence]);
  }
});

t.test('all faults are told at once', async (t) => {
  const plugin = {
    backends: 'http',
    cache: 'true',
    http_host: 'a b',
    http_method: 'HEAD',
    retry_count: 'x',
    more: 1,
  };

  const { pluginLines } = await startRefusedBroker({ plugin });

  t.match(pluginLines, [
    /^cache /,
    /^unknown option more/,
    /^http_method /,
    /^retry_count /,
    /^http_host /,
    /^http_port /,
  ]);
  t.equal(pluginLines.length, 8);
});

t.test('an option that is given twice stops the start', async (t) => {
  const plugin: [string, string | number][] = [...Object.entries(pluginOptions(8081)), ['http_port', 8082]];

  const { pluginLines } = await startRefusedBroker({ plugin });

  t.strictSame(pluginLines, ['http_port is given twice.']);
});

t.test('no secret of the options is told', async (t) => {
  const secret = 'k-very-secret';
  const more = {
    http_getuser_uri: `user?key=${secret}`,
    'http_header_X-Key': `${secret}é`,
    http_hots: secret,
  };

  const { pluginLines } = await startRefusedBroker({ plugin: pluginOptions(8081, more) });

  t.equal(pluginLines.length, 3);
  t.notMatch(pluginLines.join('\n'), secret);
});

t.test('what is right starts, blanks at the end of a line included', async (t) => {
  const accepted: [more: More, backend?: 'jwt'][] = [
    [{ http_host: 'localhost  ', http_port: '8081 ', log_level: 'warn\t' }],
    [{ http_host: '[::1]', http_timeout: 3600, retry_count: 10, http_register: ' user ,superuser, acl ' }],
    [{ http_with_tls: 'true', http_verify_peer: 'true', http_ca_file: '/etc/hostname' }],
    [
      {
        http_verify_peer: 'false',
        http_with_tls: 'false',
        http_superuser_uri: '/s',
        disable_superuser: 'true',
      },
    ],
    [{ http_header_Authorization: 'Basic eDp5', http_header_Host: 'x.example', log_level: 'panic' }],
    [{ http_unix_socket: '/tmp/bednet-none.sock', http_host: 'bednet', http_port: undefined }],
    [{ jwt_http_timeout_ms: 1, jwt_register: 'acl', jwt_parse_token: 'false', jwt_user_agent: 'x' }, 'jwt'],
  ];
  for (const [more, backend] of accepted) {
    const broker = await startBroker({ plugin: pluginOptions(8081, more, backend) });
    t.strictSame(broker.pluginLines().length, 1, JSON.stringify(more));
    await broker.stop();
  }
});

t.test('options of mosquitto-go-auth that change nothing are named and ignored', async (t) => {
  const ignored = {
    cache: 'false',
    check_prefix: 'false',
    acl_cache_seconds: 30,
    exhaust_backend_first: 'true',
  };

  const broker = await startBroker({ plugin: pluginOptions(8081, ignored) });
  t.teardown(() => broker.stop());

  t.strictSame(broker.pluginLines().slice(0, 2), [
    'acl_cache_seconds changes nothing here, please remove it.',
    'exhaust_backend_first changes nothing here, please remove it.',
  ]);
});

t.test('the plugin works for a single listener', async (t) => {
  const { broker, webhook } = await openPluginStage(t, { lines: ['per_listener_settings true'] });

  const client = await signIn({ port: broker.port, clientId: 'c', username: 'u', password: 'p' });
  await publish(client, 'a/b', 1);

  t.equal(webhook.requests.length, 2);
});
