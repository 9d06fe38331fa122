import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const stateSchema = z.strictObject({
  pid: z.int().positive(),
  topology: z.enum(['replicaSet', 'standalone']),
  environment: z.strictObject({
    MONGODB_URI: z.string(),
    DB_NAME: z.string(),
    POSTGRES_HOST: z.string(),
    POSTGRES_PORT: z.string(),
    POSTGRES_DB: z.string(),
    POSTGRES_USER: z.string(),
    POSTGRES_PASSWORD: z.string(),
    POSTGRES_SSLMODE: z.string(),
  }),
});

/** What a running background sandbox tells about itself. */
export type SandboxState = Readonly<z.infer<typeof stateSchema>>;

/** The directory in which a background sandbox keeps what belongs to it when none is named. */
export function defaultSandboxDirectory(): string {
  // The XDG specification: a relative path is invalid and counts as unset.
  const cache = process.env['XDG_CACHE_HOME'];
  const base = cache?.startsWith('/') ? cache : join(homedir(), '.cache');
  return join(base, 'fix-roles', 'sandbox');
}

/** The private directory of one background sandbox: its state file and its control socket. */
export class StateDirectory {
  readonly path: string;
  readonly stateFile: string;
  readonly socket: string;

  constructor(path: string) {
    this.path = resolve(path);
    this.stateFile = join(this.path, 'sandbox.json');
    this.socket =
      process.platform === 'win32'
        ? `\\\\.\\pipe\\fix-roles-${createHash('sha256').update(this.path).digest('hex').slice(0, 16)}`
        : join(this.path, 'control.sock');
  }

  /** Creates it, or makes sure that nobody else can read what is put in. */
  async prepare(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    const found = await lstat(this.path);
    const isOurs = process.getuid === undefined || found.uid === process.getuid();
    if (found.isDirectory() && isOurs && (process.platform === 'win32' || (found.mode & 0o077) === 0)) return;
    throw new Error(
      `Preparing the sandbox: ${this.path} is not a private directory of yours. ` +
        `Run \`chmod 700 ${this.path}\`, or name another one with --dir.`,
    );
  }

  async write(state: SandboxState): Promise<void> {
    const beside = `${this.stateFile}.${process.pid}.tmp`;
    await rm(beside, { force: true });
    await writeFile(beside, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(beside, this.stateFile);
  }

  async read(): Promise<SandboxState> {
    try {
      return stateSchema.parse(JSON.parse(await readFile(this.stateFile, 'utf8')));
    } catch (cause) {
      throw new Error(
        `Reading the state of the running sandbox: ${this.stateFile} cannot be used. ` +
          'Run `fix-roles sandbox down`, then `fix-roles sandbox up`.',
        { cause },
      );
    }
  }

  /** Removes what a sandbox that is no longer there has left. True if there was anything. */
  async removeRemains(): Promise<boolean> {
    let found = false;
    for (const file of [this.stateFile, this.socket])
      try {
        await rm(file);
        found = true;
      } catch {
        // Not there: as it should be.
      }
    return found;
  }
}
