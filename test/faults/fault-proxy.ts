import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Phase, WireReader } from './wire.js';

export const FAULT_KINDS = ['reset', 'silence', 'delay', 'cut'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/**
 * What goes wrong with a message. `reset`: both ends lose the connection instead of it; `silence`: it is swallowed, and
 * everything after it; `delay`: it arrives late, also if whoever sent it has given up; `cut`: half of it arrives, and
 * then nothing but the end of the connection.
 */
export interface Fault {
  readonly kind: FaultKind;
  readonly phase: Phase;
  readonly times: number;
  readonly delayMs: number;
}

/** Stands between a client and a server, and lets go wrong what it is told to. */
export class FaultProxy {
  readonly #server = createServer();
  readonly #going = new Set<Promise<unknown>>();
  #fault: Fault | null = null;
  #struck = 0;

  /** @param newReader for each connection */
  static async start(
    target: { readonly host: string; readonly port: number },
    newReader: () => WireReader,
  ): Promise<FaultProxy> {
    const proxy = new FaultProxy();
    proxy.#server.on('connection', (client) => {
      const going = proxy.#serve(client, connect(target.port, target.host), newReader());
      proxy.#going.add(going);
      void going.finally(() => proxy.#going.delete(going));
    });
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the proxy does not listen');
    return address.port;
  }

  get struck(): number {
    return this.#struck;
  }

  arm(fault: Fault): void {
    this.#fault = fault;
    this.#struck = 0;
  }

  disarm(): void {
    this.#fault = null;
  }

  /** Waits until all connections are closed on both sides, and everything that was late has arrived. */
  async quiet(): Promise<void> {
    while (this.#going.size > 0) await Promise.all(this.#going);
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(client: Socket, server: Socket, reader: WireReader): Promise<void> {
    const link: Link = { client, server, reader, silent: false };
    const closed = [client, server].map(
      (socket) => new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve)),
    );
    await Promise.all([this.#forward(link, 'client'), this.#forward(link, 'server'), ...closed]);
  }

  async #forward(link: Link, from: 'client' | 'server'): Promise<void> {
    const target = from === 'client' ? link.server : link.client;
    try {
      for await (const message of messages(link[from], (bytes) => link.reader.lengthOf(from, bytes))) {
        if (link.silent) continue;
        const fault = this.#faultFor(link.reader.phaseOf(from, message));
        if (fault === null) target.write(message);
        else await strike(fault, link, target, message);
      }
    } catch {
      // The connection is gone, which is what the other side is told below.
    }
    target.end();
  }

  #faultFor(phase: Phase | null): Fault | null {
    const fault = this.#fault;
    if (fault === null || fault.phase !== phase || this.#struck >= fault.times) return null;
    this.#struck++;
    return fault;
  }
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  readonly reader: WireReader;
  /** Nothing is forwarded any more, in either direction. */
  silent: boolean;
}

async function strike(fault: Fault, link: Link, target: Socket, message: Buffer): Promise<void> {
  if (fault.kind === 'delay') {
    await delay(fault.delayMs);
    target.write(message);
    return;
  }
  link.silent = true;
  if (fault.kind === 'cut') target.write(message.subarray(0, Math.ceil(message.length / 2)));
  for (const end of [link.client, link.server]) {
    if (fault.kind === 'reset') end.resetAndDestroy();
    if (fault.kind === 'cut') end.end();
  }
}

/** Cuts a stream of bytes into whole messages; what is left at its end is no message. */
async function* messages(source: Socket, lengthOf: (bytes: Buffer) => number | null): AsyncGenerator<Buffer> {
  let pending = Buffer.alloc(0);
  for await (const chunk of source) {
    if (!Buffer.isBuffer(chunk)) throw new Error('a socket without bytes');
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const length = lengthOf(pending);
      if (length === null || pending.length < length) break;
      yield pending.subarray(0, length);
      pending = pending.subarray(length);
    }
  }
}
