import { type Db, type Document, ObjectId } from 'mongodb';
import type pg from 'pg';
import type { Step } from '../../../src/model/step-observer.js';
import type { TestDatabases } from '../../servers.js';
import {
  insertDocuments,
  insertMembership,
  insertRow,
  linkOf,
  teamId,
  type RoleParts,
} from './broken-team.js';

type Fields = Readonly<Record<string, unknown>>;

/** A team whose role rows were remembered: each call puts those of one store back to how they were. */
export interface RememberedTeam {
  mongo(): Promise<void>;
  postgres(): Promise<void>;
}

/** What somebody else does to broken teams after they were planned. A role is `member`, unless another is named. */
export class LaterChanges {
  readonly #mongo: Db;
  readonly #pg: pg.Client;

  constructor({ mongo, pg: client }: TestDatabases) {
    this.#mongo = mongo;
    this.#pg = client;
  }

  setTeam(team: number, set: Fields): Promise<unknown> {
    return this.#mongo.collection('teams').updateOne({ _id: new ObjectId(teamId(team)) }, { $set: set });
  }

  setMembership(team: number, person: string, set: Fields): Promise<unknown> {
    const membership = { team_id: teamId(team), user_id: new ObjectId(person) };
    return this.#mongo.collection('user_team_details').updateOne(membership, { $set: set });
  }

  addMember(team: number, person: string): Promise<void> {
    return insertMembership(this.#mongo, team, person);
  }

  setDocument(team: number, person: string, set: Fields, role = 'member'): Promise<unknown> {
    const _id = new ObjectId(linkOf(team, person, role));
    return this.#mongo.collection('user_roles').updateOne({ _id }, { $set: set });
  }

  deleteDocument(team: number, person: string, role = 'member'): Promise<unknown> {
    return this.#mongo.collection('user_roles').deleteOne({ _id: new ObjectId(linkOf(team, person, role)) });
  }

  addDocument(document: Document): Promise<void> {
    return insertDocuments(this.#mongo, [document]);
  }

  /** @param set assignments in SQL, fixed by the test */
  setRow(team: number, person: string, set: string, role = 'member'): Promise<unknown> {
    const statement = `UPDATE postgres_user_roles SET ${set} WHERE mongo_id = $1`;
    return this.#pg.query(statement, [linkOf(team, person, role)]);
  }

  addRow(team: number, person: string, parts?: RoleParts): Promise<void> {
    return insertRow(this.#pg, team, person, parts);
  }

  /** Remembers the role rows of a team as they are now, with every field, column and type. */
  async remember(team: number): Promise<RememberedTeam> {
    const ofTeam = { team_id: { $in: [teamId(team), new ObjectId(teamId(team))] } };
    const roles = this.#mongo.collection('user_roles');
    const documents = await roles.find(ofTeam, { promoteValues: false }).toArray();
    const { rows } = await this.#pg.query<{ saved: string }>(
      'SELECT json_agg(r)::text AS saved FROM postgres_user_roles AS r WHERE team_id = $1',
      [teamId(team)],
    );
    return {
      mongo: async () => {
        await roles.deleteMany(ofTeam);
        await roles.insertMany(documents);
      },
      postgres: async () => {
        await this.#pg.query('DELETE FROM postgres_user_roles WHERE team_id = $1', [teamId(team)]);
        await this.#pg.query(
          'INSERT INTO postgres_user_roles SELECT * FROM json_populate_recordset(NULL::postgres_user_roles, $1)',
          [rows[0]?.saved],
        );
      },
    };
  }
}

/** Does something when a team comes to a step for the first time. */
export function once(team: number, at: Step, act: () => Promise<unknown>) {
  let done = false;
  return async (id: string, step: Step): Promise<void> => {
    if (done || id !== teamId(team) || step !== at) return;
    done = true;
    await act();
  };
}
