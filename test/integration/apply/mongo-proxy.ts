import { connect, createServer, type Socket } from 'node:net';

/**
 * A way to a MongoDB server that can be cut while a command is under way: what the client has sent arrives, the answer
 * does not.
 */
export interface MongoProxy {
  /** Through the proxy, and only through it. */
  readonly uri: string;
  /** From now on no answer arrives: with the first one, every connection breaks, and new ones are refused. */
  cut(): void;
  stop(): Promise<void>;
}

/** Starts a proxy in front of the first host of a connection string. */
export async function startMongoProxy(target: string): Promise<MongoProxy> {
  const url = new URL(target);
  const sockets = new Set<Socket>();
  let state: 'open' | 'answering' | 'cut' = 'open';
  const server = createServer((client) => {
    client.on('error', () => undefined);
    if (state !== 'open') {
      client.destroy();
      return;
    }
    const upstream = connect(Number(url.port || '27017'), url.hostname);
    upstream.on('error', () => undefined);
    for (const socket of [client, upstream]) sockets.add(socket);
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (state === 'open') client.write(bytes);
      else breakAll();
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  const breakAll = (): void => {
    state = 'cut';
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const credentials = url.username === '' ? '' : `${url.username}:${url.password}@`;
  return {
    uri: `mongodb://${credentials}127.0.0.1:${port}/?directConnection=true`,
    cut: () => {
      state = 'answering';
    },
    stop: async () => {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
