import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { Complaints } from './complaint.js';
import { settingsFrom, type Layer } from './settings.js';

/** No plan is approved by more people. */
export const REQUIRED_MAX = 100;

/** The part `approvals` of the configuration file. */
export const approvalsSchema = z.strictObject({
  allowedSigners: z
    .string()
    .min(1, 'must name a file of allowed signers (ssh-keygen(1), ALLOWED SIGNERS), relative to this one'),
  require: z.int().min(1, 'must say how many people must approve a plan, from 1').max(REQUIRED_MAX),
  revoked: z
    .string()
    .min(1, 'must name a file of revoked keys (ssh-keygen(1), KEY REVOCATION LISTS), relative to this one')
    .optional(),
});

/** What the configuration demands of every `apply`; paths are absolute. */
export interface ApprovalsConfiguration {
  readonly allowedSigners: string;
  readonly require: number;
  readonly revoked: readonly string[];
}

/** There are no defaults: a file that names signers and forgets the number must not demand nothing. */
const NOTHING_YET = { allowedSigners: '', require: 0, revoked: undefined };

/**
 * Validates the part `approvals`.
 *
 * @param layer undefined: the file has no such part, and nothing is demanded
 * @param file the configuration file; paths are relative to it
 */
export function parseApprovals(
  layer: Layer | undefined,
  file: string,
  complaints: Complaints,
): ApprovalsConfiguration | undefined {
  const settings = layer && settingsFrom(approvalsSchema, NOTHING_YET, [layer], complaints);
  if (settings === undefined) return undefined;
  const folder = dirname(file);
  return {
    allowedSigners: resolve(folder, settings.allowedSigners),
    require: settings.require,
    revoked: settings.revoked === undefined ? [] : [resolve(folder, settings.revoked)],
  };
}
