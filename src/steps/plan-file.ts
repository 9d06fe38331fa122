import { createRequire } from 'node:module';
import type { Configuration } from '../config/configuration.js';
import { openFileSink } from '../files/file-sink.js';
import type { PlanSink } from '../files/sink.js';
import { withoutNames, type Mapping } from '../model/mapping.js';
import type { Surroundings } from '../model/step-observer.js';

/** How a plan of either kind is made. */
export interface PlanningOptions extends Surroundings {
  readonly configuration: Configuration;
  /** A new file that only its owner can read, or a sink, which is committed or discarded. */
  readonly file: string | PlanSink;
  /** What becomes of an existing file; default: `refuse`. */
  readonly existing?: 'refuse' | 'replace';
  /** The plan's one timestamp in milliseconds since 1970, to reproduce a plan; default: now. */
  readonly asOf?: number | undefined;
  /** Whether the plan names people where the mapping says where names stand; default: `as-mapped`. */
  readonly names?: 'as-mapped' | 'left-out' | undefined;
}

/** The mapping of a plan with or without names. */
export function mappingFor({ names }: Pick<PlanningOptions, 'names'>, mapping: Mapping): Mapping {
  return names === 'left-out' ? withoutNames(mapping) : mapping;
}

/** Must be opened before the databases, so that an unusable name costs no time. */
export async function planSink({ file, existing }: PlanningOptions): Promise<PlanSink> {
  return typeof file === 'string' ? openFileSink(file, existing ?? 'refuse') : file;
}

/** The name and version in plans and receipts: `fix-roles/1.0.0`. */
export function toolName(): string {
  const manifest: unknown = createRequire(import.meta.url)('../../package.json');
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest && manifest.version;
  return `fix-roles/${typeof version === 'string' ? version : 'unknown'}`;
}
