import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Of its output, for an error message. */
const KEPT_CHARACTERS = 8_000;

export interface Guardian {
  readonly child: ChildProcess;
  /** The end of its stderr: empty unless it failed without a report. */
  stderr(): string;
  /** Lets this process end although the guardian goes on. */
  stopWaitingFor(): void;
}

/**
 * Starts a guardian as a Node process. It has its own session, so that Ctrl-C reaches neither it nor its server, and an
 * IPC channel, so that it sees `disconnect` however this process ends. It runs the way this module was loaded: from
 * `dist` as JavaScript (this module may be part of another file there), from `src` through tsx.
 */
export function startGuardian(): Guardian {
  const fromSource = import.meta.url.endsWith('.ts');
  const module = new URL(`../sandbox/guardian${fromSource ? '.ts' : '.js'}`, import.meta.url);
  const child = fork(fileURLToPath(module), [], {
    execArgv: fromSource ? ['--import', tsxLoader()] : [],
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let kept = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    kept = (kept + text).slice(-KEPT_CHARACTERS);
  });
  return {
    child,
    stderr: () => kept.trim(),
    stopWaitingFor: () => {
      child.unref();
      child.channel?.unref();
      // The types hide that the reading end of a pipe is a socket.
      if (child.stderr instanceof Socket) child.stderr.unref();
    },
  };
}

function tsxLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}
