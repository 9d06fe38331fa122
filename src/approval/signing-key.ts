import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../model/failure.js';

/** The key to sign with: a file, or a public key whose private half an agent holds. */
export type SigningKey =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'public'; readonly text: string };

/** A public key in git's `user.signingkey`, bare or after `key::`. */
const PUBLIC_KEY = /^(?:key::)?((?:ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+.*)$/;

/**
 * The key that a person signs with anyway: git's `user.signingkey`, where git signs with SSH, or else
 * `~/.ssh/id_ed25519` (only its `.pub`, where an agent holds it).
 *
 * @throws Failure (operational) where there is none
 */
export async function defaultSigningKey(home: string): Promise<SigningKey> {
  if ((await gitSetting('gpg.format')) === 'ssh') {
    const configured = await gitSetting('user.signingkey', '--type=path');
    const text = PUBLIC_KEY.exec(configured)?.[1];
    if (text !== undefined) return { kind: 'public', text };
    if (configured !== '') return { kind: 'file', path: configured };
  }
  for (const name of ['id_ed25519', 'id_ed25519.pub']) {
    const path = join(home, '.ssh', name);
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return { kind: 'file', path };
  }
  throw new Failure('operational', {
    doing: 'looking for your SSH key',
    problem: 'git signs with none (gpg.format ssh, user.signingkey), and there is no ~/.ssh/id_ed25519',
    next: 'Name the key with --key FILE; ssh-keygen -t ed25519 makes one.',
  });
}

/** A setting of git; empty where the setting or git is missing. */
async function gitSetting(name: string, ...options: readonly string[]): Promise<string> {
  const git = spawn('git', ['config', ...options, '--get', name], { stdio: ['ignore', 'pipe', 'ignore'] });
  let value = '';
  git.stdout.on('data', (chunk: Buffer) => {
    value += chunk.toString();
  });
  try {
    await once(git, 'close');
  } catch {
    return '';
  }
  return value.trim();
}
