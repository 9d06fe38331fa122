import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface Key {
  readonly file: string;
  /** `ssh-ed25519 AAAA… comment` */
  readonly publicKey: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
}

/** Makes a key with ssh-keygen; a passphrase protects it where one is given. */
export async function makeKey(folder: string, name: string, passphrase = '', type = 'ed25519'): Promise<Key> {
  const file = join(folder, name);
  await keygen('-q', '-t', type, '-N', passphrase, '-C', name, '-f', file);
  const { stdout } = await execute('ssh-keygen', ['-l', '-f', `${file}.pub`]);
  return {
    file,
    publicKey: (await readFile(`${file}.pub`, 'utf8')).trim(),
    fingerprint: stdout.split(' ')[1] ?? '',
  };
}

export async function keygen(...args: readonly string[]): Promise<void> {
  await execute('ssh-keygen', args);
}

/** The signature of some bytes, made by ssh-keygen itself. */
export async function signature(
  key: string,
  bytes: string,
  namespace = 'fix-roles.plan.v1',
): Promise<string> {
  const child = spawn('ssh-keygen', ['-Y', 'sign', '-q', '-n', namespace, '-f', key], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let armored = '';
  child.stdout.on('data', (chunk: Buffer) => {
    armored += chunk.toString();
  });
  child.stdin.end(bytes);
  await once(child, 'close');
  return armored;
}
