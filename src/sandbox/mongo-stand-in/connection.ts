import type { Socket } from 'node:net';
import type { Deployment } from './deployment.js';
import { answer } from './dispatch.js';
import { encodeReply, MessageCutter, parseMessage } from './wire.js';

/** Serves one client: one message at a time, in order. Anything that is no message closes the connection. */
export function serveConnection(socket: Socket, deployment: Deployment): void {
  const cutter = new MessageCutter();
  let turn: Promise<void> = Promise.resolve();
  deployment.connections.current++;
  deployment.connections.totalCreated++;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    deployment.connections.current--;
  });
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const bytes of cutter.push(chunk)) {
        turn = turn
          .then(() => serve(socket, deployment, bytes))
          .catch(() => {
            socket.destroy();
          });
      }
    } catch {
      socket.destroy();
    }
  });
}

async function serve(socket: Socket, deployment: Deployment, bytes: Buffer): Promise<void> {
  // What a client sent before it went away is still done, as by a real server.
  const message = parseMessage(bytes);
  const reply = await answer(deployment, message);
  if (message.wantsReply && !socket.destroyed) socket.write(encodeReply(message, reply));
}
