import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { closers, uri } from './server.js';

/** Passes bytes on to the server and can cut the client off, as a broken network would. */
export async function startProxy(): Promise<{
  uri: string;
  cut(): void;
  cutInsteadOfReplyTo(command: string): void;
}> {
  const target = new URL(uri);
  const pairs = new Set<[Socket, Socket]>();
  let doomed: string | undefined;
  const server = createServer((inner) => {
    const outer = connect(Number(target.port), target.hostname);
    const pair: [Socket, Socket] = [inner, outer];
    const end = () => {
      pairs.delete(pair);
      inner.destroy();
      outer.destroy();
    };
    let cutNext = false;
    pairs.add(pair);
    inner.on('error', end).on('close', end);
    outer.on('error', end).on('close', end);
    inner.on('data', (chunk: Buffer) => {
      if (doomed !== undefined && chunk.includes(`\u0002${doomed}\0`)) {
        doomed = undefined;
        cutNext = true;
      }
      outer.write(chunk);
    });
    outer.on('data', (chunk: Buffer) => {
      if (cutNext) end();
      else inner.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const [inner] of pairs) inner.destroy();
  };
  closers.push(async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    uri: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    cut,
    cutInsteadOfReplyTo: (command) => {
      doomed = command;
    },
  };
}
