import { createRequire } from 'node:module';

/** Name and version as they stand in plans and receipts: `fix-roles/1.0.0`. */
export function toolName(): string {
  const manifest: unknown = createRequire(import.meta.url)('../../package.json');
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest && manifest.version;
  return `fix-roles/${typeof version === 'string' ? version : 'unknown'}`;
}
