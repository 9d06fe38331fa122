import { EJSON, ObjectId } from 'bson';
import { describe, expect, it } from 'vitest';
import {
  insertedDocument,
  insertedRow,
  mongoIdValue,
  mongoRow,
  postgresRow,
  postgresTimestamp,
} from '../../../src/files/row-image.js';
import type { MongoImage, PostgresImage } from '../../../src/model/decision.js';
import { DEFAULT_MAPPING, type Mapping } from '../../../src/model/mapping.js';

const TEAM = '7ea300000000000000000001';
const USER = '05e500000000000000000002';
const LINK = '6b02886409f7de9bfefedf9c';
const ROW = { team: TEAM, user: USER, role: 'admin', link: LINK };
const AS_OF = Date.parse('2026-11-22T06:15:00.250Z');

const STRING_IDS: Mapping = { ...DEFAULT_MAPPING, ids: 'string' };
const OBJECT_IDS: Mapping = {
  ...DEFAULT_MAPPING,
  mongo: { ...DEFAULT_MAPPING.mongo, writeIdsAs: 'objectId' },
};
/** Every field and column under another name. */
const RENAMED: Mapping = {
  ...DEFAULT_MAPPING,
  mongo: {
    ...DEFAULT_MAPPING.mongo,
    roles: { user: 'u', team: 't', role: 'r', scope: 's', active: 'a', createdAt: 'ca', createdBy: 'cb' },
  },
  postgres: {
    ...DEFAULT_MAPPING.postgres,
    columns: {
      ...{ id: 'pk', mongoId: 'm', user: 'u', role: 'r', scope: 's', team: 't', active: 'a' },
      ...{ createdAt: 'ca', createdBy: 'cb', lastSyncAt: 'ls', syncStatus: 'ss', syncError: 'se' },
    },
  },
};

/** Canonical Extended JSON as the driver's own library writes it, as text: the order of keys counts. */
function canonical(document: object): string {
  return EJSON.stringify(document, { relaxed: false });
}

describe('postgresTimestamp', () => {
  // The right column is what `SELECT $1::timestamptz` printed on PostgreSQL 18 under TimeZone=UTC, DateStyle=ISO.
  it.each([
    ['2026-11-22T06:15:00.000Z', '2026-11-22 06:15:00+00'],
    ['2026-11-22T06:15:00.001Z', '2026-11-22 06:15:00.001+00'],
    ['2026-11-22T06:15:00.010Z', '2026-11-22 06:15:00.01+00'],
    ['2026-11-22T06:15:00.100Z', '2026-11-22 06:15:00.1+00'],
    ['2026-11-22T06:15:00.120Z', '2026-11-22 06:15:00.12+00'],
    ['2026-11-22T06:15:00.999Z', '2026-11-22 06:15:00.999+00'],
    ['2026-10-20T10:20:10.000Z', '2026-10-20 10:20:10+00'],
    ['2026-10-20T10:20:10.100Z', '2026-10-20 10:20:10.1+00'],
    ['2000-01-01T00:00:00.000Z', '2000-01-01 00:00:00+00'],
    ['1970-01-01T00:00:00.000Z', '1970-01-01 00:00:00+00'],
    ['1969-12-31T23:59:59.990Z', '1969-12-31 23:59:59.99+00'],
    ['2024-02-29T23:59:59.500Z', '2024-02-29 23:59:59.5+00'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31 23:59:59.999+00'],
    ['0001-01-01T00:00:00.000Z', '0001-01-01 00:00:00+00'],
  ])('writes %s as %s', (instant, text) => {
    expect(postgresTimestamp(Date.parse(instant))).toBe(text);
  });
});

describe('insertedDocument', () => {
  it('is the document of section 4, in canonical Extended JSON, with ids as strings', () => {
    const expected = {
      _id: new ObjectId(LINK),
      user_id: USER,
      role_name: 'admin',
      scope: 'TEAM',
      team_id: TEAM,
      is_active: true,
      created_at: new Date(AS_OF),
      created_by: 'system',
    };
    expect(JSON.stringify(insertedDocument(ROW, AS_OF, DEFAULT_MAPPING))).toBe(canonical(expected));
  });

  it('has ids as ObjectIds where the mapping wants them', () => {
    const { user_id, team_id } = insertedDocument(ROW, AS_OF, OBJECT_IDS);
    expect({ user_id, team_id }).toEqual({ user_id: { $oid: USER }, team_id: { $oid: TEAM } });
  });

  it('keeps as strings the ids that can be no ObjectId', () => {
    const row = { ...ROW, user: 'ann', team: 'blue', link: 'ann-blue' };
    const document = insertedDocument(row, AS_OF, { ...OBJECT_IDS, ids: 'string' });
    expect(document).toMatchObject({ _id: 'ann-blue', user_id: 'ann', team_id: 'blue' });
  });

  it('has the field names of the mapping', () => {
    expect(Object.keys(insertedDocument(ROW, AS_OF, RENAMED)).join(' ')).toBe('_id u r s t a ca cb');
  });
});

describe('insertedRow', () => {
  it('is the row of section 4 as text, without the id that the database gives', () => {
    expect(JSON.stringify(insertedRow(ROW, AS_OF, DEFAULT_MAPPING))).toBe(
      JSON.stringify({
        mongo_id: LINK,
        user_id: USER,
        role_name: 'admin',
        scope: 'TEAM',
        team_id: TEAM,
        is_active: 't',
        created_at: '2026-11-22 06:15:00.25+00',
        created_by: 'system',
        last_sync_at: '2026-11-22 06:15:00.25+00',
        sync_status: 'SYNCED',
        sync_error: null,
      }),
    );
  });

  it('has the column names of the mapping', () => {
    expect(Object.keys(insertedRow(ROW, AS_OF, RENAMED))).toEqual('m u r s t a ca cb ls ss se'.split(' '));
  });
});

describe('an inserted row, read back', () => {
  it.each([
    ['the default', DEFAULT_MAPPING],
    ['ObjectIds', OBJECT_IDS],
    ['strings', STRING_IDS],
    ['other names', RENAMED],
  ])('is whose it was said to be under a mapping with %s', (_, mapping) => {
    const identity = { user: USER, team: TEAM, role: 'admin', scope: 'TEAM', active: true };
    const document = mongoRow(insertedDocument(ROW, AS_OF, mapping), mapping);
    const row = postgresRow(insertedRow(ROW, AS_OF, mapping), mapping);
    expect(document).toMatchObject({ ...identity, id: LINK });
    expect(row).toMatchObject({ ...identity, link: LINK, id: null });
  });
});

describe('mongoIdValue', () => {
  it.each([
    [LINK, { $oid: LINK }],
    ['ann', 'ann'],
    [LINK.toUpperCase(), LINK.toUpperCase()],
    [LINK.slice(1), LINK.slice(1)],
  ])('of %s is an ObjectId wherever it can be one', (link, value) => {
    expect(mongoIdValue(link)).toEqual(value);
  });
});

describe('the id of a document', () => {
  it.each<{ image: MongoImage; hex?: string; string?: string }>([
    { image: { _id: { $oid: LINK } }, hex: LINK, string: LINK },
    { image: { _id: LINK }, hex: LINK, string: LINK },
    { image: { _id: 'ann' }, string: 'ann' },
    { image: { _id: LINK.toUpperCase() }, string: LINK.toUpperCase() },
    ...[{ $oid: 'ann' }, { $oid: LINK, more: 1 }, { $oid: { $oid: LINK } }, [LINK], { $numberInt: '7' }].map(
      (_id) => ({ image: { _id } }),
    ),
    ...['', 'a\u202eb', 'a\u200bb', 'x'.repeat(121), null].map((_id) => ({ image: { _id } })),
    { image: {} },
  ])('of $image', ({ image, hex = null, string = null }) => {
    expect(mongoRow(image, DEFAULT_MAPPING).id).toBe(hex);
    expect(mongoRow(image, STRING_IDS).id).toBe(string);
  });
});

describe('the link of a Postgres row', () => {
  it.each<{ image: PostgresImage; hex: string | null | undefined; string: string | null | undefined }>([
    { image: { mongo_id: LINK }, hex: LINK, string: LINK },
    { image: { mongo_id: null }, hex: null, string: null },
    { image: {}, hex: undefined, string: undefined },
    { image: { mongo_id: '' }, hex: undefined, string: undefined },
    { image: { mongo_id: 'ann' }, hex: undefined, string: 'ann' },
    { image: { mongo_id: LINK.toUpperCase() }, hex: undefined, string: LINK.toUpperCase() },
    { image: { mongo_id: 'a\u0007b' }, hex: undefined, string: undefined },
  ])('of $image', ({ image, hex, string }) => {
    expect(postgresRow(image, DEFAULT_MAPPING).link).toBe(hex);
    expect(postgresRow(image, STRING_IDS).link).toBe(string);
  });
});

/** What both stores have of a row that nothing is odd about, and of one without anything. */
const IMAGE = { user_id: USER, team_id: TEAM, role_name: 'admin', scope: 'TEAM' };
const IDENTITY = { user: USER, team: TEAM, role: 'admin', scope: 'TEAM', active: true };
const NOTHING = { user: null, team: null, role: null, scope: null, active: false };

describe('mongoRow', () => {
  it.each<[string, MongoImage, object]>([
    ['nothing odd', {}, {}],
    ['a user that is no id', { user_id: 'ann' }, { user: null }],
    ['a team in upper case', { team_id: TEAM.toUpperCase() }, { team: null }],
    ['a team of another type', { team_id: { $numberInt: '7' } }, { team: null }],
    ['no role', { role_name: null }, { role: null }],
    ['a role that is no text', { role_name: ['admin'] }, { role: null }],
    ['a scope that is no text', { scope: { $numberInt: '1' } }, { scope: null }],
    ['another scope', { scope: 'GLOBAL' }, { scope: 'GLOBAL' }],
    ['inactive', { is_active: false }, { active: false }],
    ['the text true', { is_active: 'true' }, { active: false }],
    ['the number one', { is_active: { $numberInt: '1' } }, { active: false }],
  ])('reads %s', (_, odd, part) => {
    const image = { ...IMAGE, user_id: { $oid: USER }, is_active: true, ...odd };
    expect(mongoRow(image, DEFAULT_MAPPING)).toMatchObject({ ...IDENTITY, ...part });
  });

  it('reads nothing from an empty document', () => {
    expect(mongoRow({}, DEFAULT_MAPPING)).toMatchObject(NOTHING);
  });
});

describe('postgresRow', () => {
  it.each<[string, PostgresImage, object]>([
    ['nothing odd', {}, {}],
    ['a user that is no id', { user_id: 'ann' }, { user: null }],
    ['no team', { team_id: null }, { team: null }],
    ['a team in upper case', { team_id: TEAM.toUpperCase() }, { team: null }],
    ['no role', { role_name: null }, { role: null }],
    ['another scope', { scope: 'GLOBAL' }, { scope: 'GLOBAL' }],
    ['inactive', { is_active: 'f' }, { active: false }],
    ['the word true, which Postgres does not write', { is_active: 'true' }, { active: false }],
  ])('reads %s', (_, odd, part) => {
    const image = { ...IMAGE, is_active: 't', ...odd };
    expect(postgresRow(image, DEFAULT_MAPPING)).toMatchObject({ ...IDENTITY, ...part });
  });

  it('reads nothing from an empty row', () => {
    expect(postgresRow({}, DEFAULT_MAPPING)).toMatchObject(NOTHING);
  });
});
