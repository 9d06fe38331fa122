import type { Sandbox } from '../sandbox.js';
import { setFormerMember, teamOfFormerMember } from './former-member.js';

/** One station of `sandbox demo`: a command that is really run, and the words around it. */
export interface Station {
  readonly title: string;
  /** What is going on. */
  readonly about: string;
  /** The command line without `fix-roles`. */
  readonly args: readonly string[];
  /** The exit code that the command must have, or the demo has failed. */
  readonly exitCode: number;
  /** What differs where the databases are real. */
  readonly inEarnest: string;
  /** What the application does while the command is run; what it returns takes that back. */
  readonly meanwhile?: (sandbox: Sandbox) => Promise<() => Promise<void>>;
}

/** The tour, from two databases that have drifted apart to two that agree. */
export function tour(): readonly Station[] {
  const team = teamOfFormerMember();
  return [
    {
      title: 'Plan: write down what would repair them',
      about:
        'Reads both databases, each at one point in time, and writes to neither. The result is a file: every ' +
        'change, the rule that demands it, and the facts it rests on.',
      args: ['plan', '-o', 'plan.json'],
      exitCode: 0,
      inEarnest:
        'the same command, with MONGODB_URI, DB_NAME and the POSTGRES_ variables in .env (see config.env.example).',
    },
    {
      title: 'Show: read it before anything happens',
      about:
        'Verifies the whole file, then explains it. Here is one of the teams: somebody has left it, but still ' +
        'holds roles in both databases.',
      args: ['show', 'plan.json', '--team', team],
      exitCode: 0,
      inEarnest:
        'fix-roles show plan.json (all teams), or with --format markdown for a pull request, --format html -o ' +
        'plan.html for a browser; colleagues review the file itself.',
    },
    {
      title: 'Drift: the databases move on while the plan is being reviewed',
      about:
        'That person has just joined the team again. The plan would now take away roles that they should have, ' +
        'so it no longer holds: verify says so, and apply would not begin. (Then they leave again, and it holds.)',
      args: ['verify', 'plan.json'],
      exitCode: 3,
      inEarnest:
        'the same command; where it ends with 3, make the plan once more and review what is different.',
      meanwhile: async (sandbox) => {
        await setFormerMember(sandbox, 'member');
        return () => setFormerMember(sandbox, 'former-member');
      },
    },
    {
      title: 'Apply: do what was reviewed, nothing else',
      about:
        'Checks file, databases and every team once more, then writes team by team, one transaction in each ' +
        'database, and reads back what it wrote. What it did stands in a receipt.',
      args: ['apply', 'plan.json', '--yes'],
      exitCode: 0,
      inEarnest:
        'fix-roles apply plan.json, which asks you to type the name of the database; add --limit 3 to try a few ' +
        'teams first. If it is interrupted, run it again: it finishes the job.',
    },
    {
      title: 'Plan again: nothing is left to do',
      about:
        'With --detailed-exitcode the exit code tells: 0 means nothing to change, 2 that there is. What is blocked ' +
        'is broken in ways that only a person can judge; it is listed, never guessed at.',
      args: ['plan', '--detailed-exitcode', '-o', 'after.json'],
      exitCode: 0,
      inEarnest: 'the same command, every night, to learn of the next drift.',
    },
  ];
}
