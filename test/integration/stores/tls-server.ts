import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../src/sandbox/embedded-postgres.js';
import type { Certificate } from './certificates.js';

/** A PostgreSQL of its own that can be given certificates while it runs. */
export class TlsServer {
  readonly server: EmbeddedPostgres;

  private constructor(server: EmbeddedPostgres) {
    this.server = server;
  }

  static async start(): Promise<TlsServer> {
    return new TlsServer(await startEmbeddedPostgres({ durability: 'off' }));
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** Switches TLS on with this certificate, and returns once the server shows it. */
  async use({ certificate, key }: Certificate): Promise<void> {
    const client = new pg.Client(this.server.url);
    await client.connect();
    try {
      // The server refuses a key that others could read, so it has to write the file itself, under its own account.
      for (const [file, name] of [
        [certificate, 'server.crt'],
        [key, 'server.key'],
      ] as const) {
        const text = (await readFile(file)).toString('base64');
        const program = `umask 077; base64 -d > ${name}`;
        await client.query(
          `COPY (SELECT ${client.escapeLiteral(text)}) TO PROGRAM ${client.escapeLiteral(program)}`,
        );
      }
      await client.query('ALTER SYSTEM SET ssl = on');
      await client.query('SELECT pg_reload_conf()');
    } finally {
      await client.end();
    }
    const wanted = new X509Certificate(await readFile(certificate)).fingerprint256;
    // The postmaster takes up the new certificate in its own time.
    while ((await this.#shown()) !== wanted);
  }

  /** Lets in only who encrypts while something is done. */
  async lettingInOnlyEncrypted(act: () => Promise<void>): Promise<void> {
    // It stays open: nothing of the kind could be opened meanwhile.
    const client = new pg.Client(this.server.url);
    await client.connect();
    const rewrite = async (from: string, to: string): Promise<void> => {
      const program = `sed -i 's/^${from} /${to} /' pg_hba.conf`;
      await client.query(`COPY (SELECT '') TO PROGRAM ${client.escapeLiteral(program)}`);
      await client.query('SELECT pg_reload_conf()');
      // The postmaster takes it up in its own time.
      while ((await this.#letsInPlain()) !== (to === 'host'));
    };
    try {
      await rewrite('host', 'hostssl');
      await act();
    } finally {
      await rewrite('hostssl', 'host');
      await client.end();
    }
  }

  async #letsInPlain(): Promise<boolean> {
    const client = new pg.Client(this.server.url);
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** The fingerprint of the certificate that the server shows, or nothing where it has no TLS yet. */
  async #shown(): Promise<string | undefined> {
    const socket = connectTcp(this.server.port, this.server.host);
    try {
      const answer = await new Promise<string>((resolve, reject) => {
        socket.once('error', reject).once('data', (data) => {
          resolve(data.toString('latin1'));
        });
        // SSLRequest: eight bytes, 1234.5679.
        socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
      });
      if (answer !== 'S') return undefined;
      return await new Promise<string>((resolve, reject) => {
        const tls = connectTls({ socket, rejectUnauthorized: false }, () => {
          resolve(tls.getPeerCertificate().fingerprint256);
        });
        tls.once('error', reject);
      });
    } finally {
      socket.destroy();
    }
  }
}
