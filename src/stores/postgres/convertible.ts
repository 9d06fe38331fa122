import type pg from 'pg';
import { codeOf } from '../../model/errors.js';

/**
 * Whether the server can make the values of a query what the query makes of them. The connection is in a transaction, which
 * goes on whatever the answer: a statement that fails would end it otherwise.
 *
 * @throws what the driver throws, where it is not about a value
 */
export async function isConvertible(
  client: pg.Client,
  text: string,
  values: readonly unknown[],
): Promise<boolean> {
  await client.query('SAVEPOINT conversion');
  try {
    await client.query(text, [...values]);
    await client.query('RELEASE SAVEPOINT conversion');
    return true;
  } catch (error) {
    if (!ABOUT_A_VALUE.test(String(codeOf(error)))) throw error;
    await client.query('ROLLBACK TO SAVEPOINT conversion; RELEASE SAVEPOINT conversion');
    return false;
  }
}

/**
 * SQLSTATE classes 22, data exception; 23, what a domain refuses; and 42, for the texts of some types are parsed: a
 * tsquery has a syntax, a regclass names something. A missing privilege says nothing of the value.
 */
const ABOUT_A_VALUE = /^(2[23]|42(?!501))/;
