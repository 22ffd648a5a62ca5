/** How much processor time this process has taken so far, in ms: unlike a clock's it does not grow while others have the machine. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
