import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { Complaints } from './complaint.js';
import { settingsFrom, type Layer } from './settings.js';

/** More people than that approve no plan. */
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

/** Neither is guessed: who names the signers and forgets the number would otherwise demand nothing. */
const NOTHING_YET = { allowedSigners: '', require: 0, revoked: undefined };

/**
 * Validates the part `approvals`.
 *
 * @param layer undefined where the file has no such part: nothing is demanded
 * @param file the configuration file, which its paths are relative to
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
