const mostBytes = 65_535;

/** Whether the broker could take this as a topic filter [MQTT-4.7.1]; whether it grants it is another matter. */
export function isTopicFilter(text: string): boolean {
  const levels = text.split('/');
  const isInPlace = (level: string, index: number) =>
    !/[+#]/.test(level) || level === '+' || (level === '#' && index === levels.length - 1);
  return isSendable(text) && levels.every(isInPlace);
}

/** Whether this can be published to [MQTT-4.7.1-1]. */
export function isTopicName(text: string): boolean {
  return isSendable(text) && !/[+#]/.test(text);
}

function isSendable(text: string): boolean {
  return text !== '' && !text.includes('\0') && new TextEncoder().encode(text).length <= mostBytes;
}
