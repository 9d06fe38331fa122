import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import { forEverySession, type Situation } from './situation.js';
import { TEAMS } from './small-teams.js';

/** What every other table of situations is to be compared with, and that the measure can tell the states apart. */
export const PLAIN: readonly Situation[] = [
  { name: 'a plain table', expected: { teams: 'as planned', exit: 0 } },
  {
    name: 'a plain table, under a policy that only deactivates',
    policy: { ...DEFAULT_POLICY, memberExtras: 'deactivate' },
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a check that nothing new passes',
    given: `ALTER TABLE postgres_user_roles ADD CHECK (role_name <> 'owner')`,
    expected: { teams: 'as it was', exit: 5, says: /postgres_user_roles_role_name_check/ },
  },
  {
    name: 'a check that one team does not pass',
    given: `ALTER TABLE postgres_user_roles ADD CHECK (role_name <> 'owner' OR team_id <> '${TEAMS[1] ?? ''}')`,
    expected: { teams: ['as planned', 'as it was', 'as planned'], exit: 5 },
  },
  {
    name: 'transactions that begin read-only, since the plan was made',
    meanwhile: (stage) => forEverySession(stage, 'default_transaction_read_only = on'),
    expected: { teams: 'as it was', exit: 4, says: /default_transaction_read_only/ },
  },
];
