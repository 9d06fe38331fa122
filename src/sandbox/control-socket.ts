import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A background sandbox is reached through a socket in its directory, not through its process id: an id may by now be
 * that of somebody else's process, while a socket answers only as long as the sandbox lives. The daemon greets each
 * connection with READY once it is, stops at STOP, and the connection closes when the daemon has gone.
 */
export const READY = 'ready\n';
export const STOP = 'stop\n';

export interface ControlSocket {
  /** From now on every connection is told that the sandbox is ready. */
  announceReady(): void;
  /** False once another daemon has taken the place: two that clear away the same remains can overtake each other. */
  isStillOurs(): Promise<boolean>;
}

/** Takes the place of the one sandbox of a directory. @throws the error EADDRINUSE if it is taken. */
export async function listenForControl(path: string, onStop: () => void): Promise<ControlSocket> {
  const waiting = new Set<Socket>();
  let ready = false;
  const server = createServer((socket) => {
    socket.setEncoding('utf8');
    socket.on('error', () => undefined); // the other side went away; nothing to be done about it
    socket.on('close', () => waiting.delete(socket));
    socket.on('data', (text) => {
      if (String(text) === STOP) onStop();
    });
    if (ready) socket.write(READY);
    else waiting.add(socket);
  });
  await listening(server, path);
  const inode = await inodeOf(path);
  return {
    announceReady() {
      ready = true;
      for (const socket of waiting) socket.write(READY);
      waiting.clear();
    },
    async isStillOurs() {
      return process.platform === 'win32' || (await inodeOf(path)) === inode;
    },
  };
}

/** Connects to the sandbox of a directory; undefined if none is running. */
export async function connectToControl(path: string): Promise<Socket | undefined> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    socket.on('error', () => undefined); // followed by `close`, which is what the callers wait for
    return socket.setEncoding('utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw new Error(
      `Reaching the sandbox at ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

async function listening(server: Server, path: string): Promise<void> {
  server.listen(path);
  await once(server, 'listening');
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch {
    return undefined; // removed, or no file at all
  }
}
