import type { MongoConnectionOptions } from '../stores/mongo/connection.js';
import type { Patience } from '../stores/patience.js';
import type { Mapping } from '../model/mapping.js';
import type { Policy } from '../model/policy.js';

/** What the checks of both stores go by. */
export interface Examination {
  readonly mapping: Mapping;
  readonly policy: Policy;
  /** `plan`: what only `apply` needs is left out. */
  readonly purpose: 'plan' | 'apply';
  /** What no message may hold. */
  readonly secrets: readonly string[];
  /** Milliseconds after which an unreachable server is given up. */
  readonly timeoutMs: number;
  readonly patience: Patience;
  readonly onWait?: MongoConnectionOptions['onWait'];
  /** Milliseconds since 1970: what certificates are compared with. */
  readonly now: number;
}
