import { createServer, type Socket } from 'node:net';
import { serveConnection } from './connection.js';
import { Deployment, type Topology } from './deployment.js';

export interface MongoStandIn {
  readonly uri: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts an in-memory server that speaks MongoDB's wire protocol, so that the official driver connects to it.
 * It serves for trying things out and for tests; it keeps nothing.
 */
export async function startMongoStandIn(
  options: { host?: string; port?: number; topology?: Topology } = {},
): Promise<MongoStandIn> {
  const { host = '127.0.0.1', port: wantedPort = 0, topology = 'replicaSet' } = options;
  const deployment = new Deployment(topology);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveConnection(socket, deployment);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(wantedPort, host, resolve);
    });
  } catch (error) {
    deployment.stop();
    throw error;
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : wantedPort;
  deployment.address = `${host}:${port}`;
  const query = topology === 'replicaSet' ? 'replicaSet=rs0' : 'directConnection=true';
  return {
    uri: `mongodb://${deployment.address}/?${query}`,
    port,
    stop: async () => {
      deployment.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
