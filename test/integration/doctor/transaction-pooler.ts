import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { startFront, type Front } from './tls-front.js';

/**
 * A pooler as PgBouncer is in transaction mode: clients are let in at once, and get a server connection only for one
 * transaction, the one that was last given back. Enough of the protocol for simple and extended queries.
 */
export async function startTransactionPooler(serverUrl: string): Promise<Front> {
  const idle: ServerConnection[] = [];
  const all: ServerConnection[] = [];
  const take = async (): Promise<ServerConnection> => {
    const waiting = idle.pop();
    if (waiting !== undefined) return waiting;
    const made = await ServerConnection.open(serverUrl);
    all.push(made);
    return made;
  };
  const front = await startFront((client) => {
    servePooled(client, take, (server) => idle.push(server));
  });
  return {
    port: front.port,
    stop: async () => {
      await front.stop();
      for (const server of all) await server.close();
    },
  };
}

/** A connection that the driver opens and logs in, and whose socket is then used as it is. */
class ServerConnection {
  readonly #client: pg.Client;
  readonly socket: Duplex;

  private constructor(client: pg.Client, socket: Duplex) {
    this.#client = client;
    this.socket = socket;
  }

  static async open(url: string): Promise<ServerConnection> {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    await client.connect();
    const { stream } = client.connection;
    stream.removeAllListeners('data');
    return new ServerConnection(client, stream);
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.#client.end().catch(() => undefined);
  }
}

const SYNC = 'S'.charCodeAt(0);
const QUERY = 'Q'.charCodeAt(0);
const TERMINATE = 'X'.charCodeAt(0);
const READY = 'Z'.charCodeAt(0);
const IDLE = 'I'.charCodeAt(0);

function servePooled(
  client: Socket,
  take: () => Promise<ServerConnection>,
  give: (server: ServerConnection) => void,
): void {
  let server: ServerConnection | undefined;
  let unsent: Buffer[] = [];
  let taking = Promise.resolve();

  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(unsent);
    unsent = [];
    if (server === undefined) {
      const taken = await take();
      server = taken;
      const answers = messages((type, message) => {
        client.write(message);
        if (type !== READY || message[5] !== IDLE) return;
        taken.socket.off('data', answers);
        server = undefined;
        give(taken);
      });
      taken.socket.on('data', answers);
    }
    server.socket.write(bytes);
  };
  const requests = messages((type, message) => {
    if (type === TERMINATE) {
      client.end();
      return;
    }
    unsent.push(message);
    // What belongs to one transaction at least is sent together.
    if (type === SYNC || type === QUERY) taking = taking.then(flush);
  });
  client.once('data', () => {
    // AuthenticationOk, ReadyForQuery (idle).
    client.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, READY, 0, 0, 0, 5, IDLE]));
    client.on('data', requests);
  });
}

/** Cuts a stream into the protocol's messages: one byte of type, four of length, which counts itself. */
function messages(take: (type: number, message: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
      const length = rest.readUInt32BE(1) + 1;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      take(message[0] ?? 0, message);
    }
  };
}
