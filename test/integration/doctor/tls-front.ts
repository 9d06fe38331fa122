import { createServer, connect, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

/** Self-signed, for localhost and 127.0.0.1, for a hundred years; it protects nothing. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIB0DCCAXWgAwIBAgIUGF+5XhVZ17kIVsat7wx20C9r5YgwCgYIKoZIzj0EAwIw
LjEYMBYGA1UECgwPZml4LXJvbGVzIHRlc3RzMRIwEAYDVQQDDAlsb2NhbGhvc3Qw
IBcNMjYxMTI1MTkzMzA3WhgPMjEyNjExMDExOTMzMDdaMC4xGDAWBgNVBAoMD2Zp
eC1yb2xlcyB0ZXN0czESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEOYinEi8EoMffGUHLo8v+2x0qld0Y+LUl7kTLXFUVjvSneiu9
t/Ks2Unq+hvmgcNI5oEcerM8E5mMNR7QJpEd2aNvMG0wHQYDVR0OBBYEFM2eFffG
wIkBgXLT8shP9k+Bm4bFMB8GA1UdIwQYMBaAFM2eFffGwIkBgXLT8shP9k+Bm4bF
MA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMAoG
CCqGSM49BAMCA0kAMEYCIQDrxmmliBg56UpXMPbBC9GyAUQaABOiOYsztBmZnV78
owIhAIWr5dALnNlJdfD6ScT6mz7o7ExIrJme75tHowaZS0rY
-----END CERTIFICATE-----`;
export const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTPnIDH1abNTEFkBX
zAUte/9P1T1r2iLcD8RjDumBPqWhRANCAAQ5iKcSLwSgx98ZQcujy/7bHSqV3Rj4
tSXuRMtcVRWO9Kd6K7238qzZSer6G+aBw0jmgRx6szwTmYw1HtAmkR3Z
-----END PRIVATE KEY-----`;

export interface Front {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Puts TLS in front of a server that has none.
 *
 * @param opening `postgres`: the client asks for TLS in the clear first, and is told yes
 */
export function startTlsFront(
  target: { readonly host: string; readonly port: number },
  opening: 'at-once' | 'postgres',
): Promise<Front> {
  const secureContext = createSecureContext({ cert: CERTIFICATE, key: KEY });
  return startFront((client) => {
    const encrypt = (): void => {
      const socket = new TLSSocket(client, { isServer: true, secureContext });
      joined(socket, connect(target.port, target.host));
    };
    if (opening === 'at-once') {
      encrypt();
      return;
    }
    client.once('data', () => {
      client.write('S', encrypt);
    });
  });
}

/** A server on a free port that serves each connection with the function. */
export async function startFront(serve: (client: Socket) => void): Promise<Front> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client.on('error', () => undefined));
    serve(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Passes on what either says. */
export function joined(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy()).on('close', () => to.destroy());
    from.pipe(to);
  }
}
