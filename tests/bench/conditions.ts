/** Under which condition something is measured, in words: shown in the report, and how the page finds it there. */
export const conditions = {
  publish: (window: number, subscribers: number) =>
    `QoS 1 publish, window ${window}, ${subscribers} subscribers`,
  nodelay: (subscribers: number) =>
    `QoS 1 publish, window 1, ${subscribers} subscribers, with and without Nagle's algorithm`,
  deliveries: 'deliveries to 50 subscribers that read at once, 20 pairs of messages a second',
  check: (connections: number) => `webhook check, ${connections} connection${connections > 1 ? 's' : ''}`,
  reconnect: 'connect, 8 at once, tokens seen before',
  connect: 'connect, 8 at once, a new token each time',
  revokeAtRest: 'revoke call, at rest',
  closeAtRest: 'revoke call → socket closed, at rest',
  revokeUnderLoad: 'revoke call, 20,000 checks/s asked for',
  closeUnderLoad: 'revoke call → socket closed, 20,000 checks/s asked for',
  revokeLoad: 'publishes meanwhile, 20,000/s asked for',
  bystandersAtRest: '100 others publish 1,000/s, at rest',
  bystandersInStorm: '100 others publish 1,000/s, during the storm',
  storm: 'storm: 5,000 connects, 100 at once',
} as const;
