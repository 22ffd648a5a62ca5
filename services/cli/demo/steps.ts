import { expectDelivery, openConnection, subscribe, type Connection } from './connection.ts';
import type { Person } from './people.ts';
import { signIn, type SignedIn } from './session-client.ts';
import type { Story } from './story.ts';

/** A person who is signed in and connected. */
export interface Present {
  person: Person;
  session: SignedIn;
  connection: Connection;
}

/** Tells a sign-in over HTTP. */
export async function tellSignIn(story: Story, url: string, person: Person): Promise<SignedIn> {
  return story.step(`${person.name} signs in: POST ${url}/api/auth/login`, () =>
    signIn(url, person.username, person.password),
  );
}

/** Tells a connection: MQTT 5, the session's client id, the access token as password. */
export async function tellConnect(
  story: Story,
  name: string,
  session: SignedIn,
  url: string,
): Promise<Connection> {
  return story.step(`${name} connects to ${url}, password = access token`, () =>
    openConnection(name, session, url),
  );
}

/** Tells a subscription; throws unless the broker answers it with `code`. */
export async function tellSubscribe(
  story: Story,
  connection: Connection,
  topic: string,
  code: number,
): Promise<void> {
  const answer = code >= 0x80 ? `refused, no rule allows it (SUBACK 0x${code.toString(16)})` : 'granted';
  await story.step(`${connection.name} subscribes to ${topic}: ${answer}`, async () => {
    const actual = await subscribe(connection, topic);
    if (actual !== code) throw new Error(`the SUBACK said 0x${actual.toString(16)}`);
  });
}

/** Tells that a message of one reaches the other, with the time from sending to receiving. */
export async function tellDelivery(
  story: Story,
  [writer, reader]: [Connection, Connection],
  topic: string,
): Promise<void> {
  const whom = writer === reader ? 'arrives at himself' : `reaches ${reader.name}`;
  await story.step(`a message from ${writer.name} ${whom}`, () => expectDelivery(writer, reader, topic));
}
