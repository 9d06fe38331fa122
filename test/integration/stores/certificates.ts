import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Makes certificates with openssl, in one folder. */
export class CertificateMaker {
  readonly #folder: string;
  #made = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** An authority that Node does not know. */
  authority(): Promise<Certificate> {
    return this.#selfSigned('/CN=fix-roles test authority', []);
  }

  selfSigned(name: string): Promise<Certificate> {
    return this.#selfSigned(`/CN=${name}`, ['-addext', `subjectAltName=DNS:${name}`]);
  }

  /** A certificate of a server. `expired`: it was valid, long ago. */
  async signed(by: Certificate, name: string, validity: 'valid' | 'expired'): Promise<Certificate> {
    const { certificate, key } = this.#files();
    const request = `${certificate}.request`;
    const extensions = `${certificate}.extensions`;
    await writeFile(extensions, `subjectAltName=DNS:${name}\n`);
    await this.#openssl('req', '-new', ...this.#newKey(key), '-subj', `/CN=${name}`, '-out', request);
    const signing = ['-CA', by.certificate, '-CAkey', by.key, '-CAcreateserial', '-extfile', extensions];
    const days = ['-days', validity === 'valid' ? '2' : '-1'];
    await this.#openssl('x509', '-req', '-in', request, ...signing, ...days, '-out', certificate);
    return { certificate, key };
  }

  async #selfSigned(subject: string, more: readonly string[]): Promise<Certificate> {
    const { certificate, key } = this.#files();
    const days = ['-days', '2'];
    await this.#openssl(
      'req',
      '-x509',
      ...this.#newKey(key),
      '-subj',
      subject,
      ...days,
      ...more,
      '-out',
      certificate,
    );
    return { certificate, key };
  }

  #newKey(file: string): string[] {
    return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file];
  }

  #files(): Certificate {
    const stem = join(this.#folder, String(++this.#made));
    return { certificate: `${stem}.crt`, key: `${stem}.key` };
  }

  async #openssl(...args: readonly string[]): Promise<void> {
    await run('openssl', args);
  }
}
