import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { GuardedPlace } from '../guarded-program.js';
import type { Finding } from './source.js';

const REACHED_WITHIN_MS = 5_000;
/** Where `mongodb-memory-server-core` looks for a proxy. */
const PROXIES = [
  'npm_config_https-proxy',
  'npm_config_proxy',
  'https_proxy',
  'http_proxy',
  'HTTPS_PROXY',
  'HTTP_PROXY',
];

/**
 * Downloads mongod from MongoDB into the place's directory. The package prints to the guardian's stdout, which nobody
 * reads.
 *
 * @throws Error where the package is not installed, the host gives no answer within five seconds, or the download fails
 */
export async function downloadOfficial(
  { directory, stop, say }: GuardedPlace,
  reachedWithinMs = REACHED_WITHIN_MS,
): Promise<Finding> {
  // Otherwise the package accepts a program from anybody who answers.
  process.env['npm_config_strict_ssl'] ??= 'true';
  const [{ MongoBinaryDownload }, { MongoBinaryDownloadUrl }, { getOS }] = await Promise.all([
    import('mongodb-memory-server-core/lib/util/MongoBinaryDownload.js'),
    import('mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js'),
    import('mongodb-memory-server-core/lib/util/getos/index.js'),
  ]).catch((cause: unknown) => {
    throw new Error('the package mongodb-memory-server-core is not installed', { cause });
  });
  const download = new MongoBinaryDownload({ downloadDir: directory, os: await getOS(), checkMD5: true });
  const url = new URL(await new MongoBinaryDownloadUrl(download.binaryOpts).getDownloadUrl());
  const proxy = PROXIES.map((name) => process.env[name]).find((value) => value);
  await reach(proxy === undefined ? url : new URL(proxy), reachedWithinMs);
  stop.throwIfAborted();
  say(`MongoDB is being downloaded from ${url.hostname}, about 100 MB.`);
  // The package cannot be told to stop; the end of the process stops it.
  const archive = await Promise.race([
    download.startDownload(),
    once(stop, 'abort').then(() => Promise.reject(new Error('it was told to stop'))),
  ]);
  const program = await download.extract(archive);
  await rm(archive);
  return { program };
}

/** Fails early: a firewall that swallows everything, or a silent host, would be waited for much longer. */
async function reach(url: URL, withinMs: number): Promise<void> {
  const limit = AbortSignal.timeout(withinMs);
  const ask = url.protocol === 'http:' ? http.request : https.request;
  const question = ask(url, { method: 'HEAD', signal: limit });
  let connections = 0;
  question.once('socket', (socket) => {
    socket.once('connect', () => connections++);
  });
  question.end();
  try {
    await once(question, 'response');
  } catch (cause) {
    // The download itself reports any other problem.
    if (connections > 0 && !limit.aborted) return;
    throw new Error(`${url.hostname} ${connections > 0 ? 'gives no answer' : 'cannot be reached'}`, {
      cause,
    });
  } finally {
    question.destroy();
  }
}
