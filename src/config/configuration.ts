import { join } from 'node:path';
import { findNodeAtLocation } from 'jsonc-parser';
import { z } from 'zod';
import { DEFAULT_MAPPING, mappingSchema, NAMING_MAPPING, type Mapping } from '../model/mapping.js';
import { DEFAULT_POLICY, illegibleExemption, policySchema, type Policy } from '../model/policy.js';
import { parseApprovals, type ApprovalsConfiguration } from './approvals.js';
import { Complaints } from './complaint.js';
import { parseMongo, type MongoConfiguration } from './mongo.js';
import { parsePostgres, type PostgresConfiguration } from './postgres.js';
import { readRulesFile, settingsFrom, type Layer, type RulesFile } from './settings.js';
import { readVariables } from './variables.js';

export interface ConnectionConfiguration {
  readonly mongo: MongoConfiguration;
  readonly postgres: PostgresConfiguration;
}

/** The validated configuration. Only this travels inward. */
export interface Configuration extends ConnectionConfiguration {
  readonly policy: Policy;
  readonly mapping: Mapping;
  /** Undefined where no approval is demanded. */
  readonly approvals: ApprovalsConfiguration | undefined;
}

/** Where the configuration is read from. Undefined paths mean the default files, which need not exist. */
export interface ConfigurationSources {
  /** Of the default files. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly envFile: string | undefined;
  readonly configFile: string | undefined;
  /** A policy laid over that of the configuration file; `-` is stdin. */
  readonly policyFile: string | undefined;
  /** The path of `config.env.example`, for messages. */
  readonly example?: string;
}

const DEFAULT_CONFIG_FILE = 'fix-roles.config.json';
const part = z.unknown();
const configFileSchema = z.strictObject({ mapping: part, policy: part, approvals: part });

/**
 * Reads and validates variables, mapping and policy (docs/design.md, "Configuration"). Opens no connection.
 *
 * @throws Failure (operational) naming everything that is missing or wrong, but no value
 */
export async function loadConfiguration(sources: ConfigurationSources): Promise<Configuration> {
  const complaints = new Complaints(sources.example);
  const variables = await readVariables(sources, complaints);
  const mongo = parseMongo(variables, complaints);
  const postgres = parsePostgres(variables, complaints);
  const configFile = await readConfigFile(sources, complaints);
  const policyFile = await readPolicyFile(sources.policyFile, complaints);
  const mappingLayers = layersOf(configFile, 'mapping');
  // Where users are mapped, what is left out of that has defaults too.
  const named = mappingLayers.some(({ node }) => findNodeAtLocation(node, ['mongo', 'users']) !== undefined);
  const defaults = named ? NAMING_MAPPING : DEFAULT_MAPPING;
  const mapping = settingsFrom(mappingSchema, defaults, mappingLayers, complaints);
  const policyLayers = layersOf(configFile, 'policy');
  if (policyFile !== undefined) policyLayers.push({ file: policyFile, node: policyFile.root, prefix: '' });
  const policy = settingsFrom(policySchema, DEFAULT_POLICY, policyLayers, complaints);
  const illegible = policy && mapping && illegibleExemption(policy, mapping.ids);
  if (illegible !== undefined) complaints.add(`policy.${illegible}`, 'is not a well-formed id');
  const [approvalsLayer] = layersOf(configFile, 'approvals');
  const approvals = parseApprovals(approvalsLayer, pathOfConfigFile(sources), complaints);
  complaints.throwIfAny();
  if (mongo === undefined || postgres === undefined || mapping === undefined || policy === undefined)
    throw new Error('a part of the configuration is missing without a complaint');
  return { mongo, postgres, policy, mapping, approvals };
}

/**
 * The same for the variables alone: `init` has no configuration file yet.
 *
 * @throws Failure (operational) naming every variable that is missing or wrong, but no value
 */
export async function loadConnections(
  sources: Pick<ConfigurationSources, 'directory' | 'environment' | 'envFile' | 'example'>,
): Promise<ConnectionConfiguration> {
  const complaints = new Complaints(sources.example);
  const variables = await readVariables(sources, complaints);
  const mongo = parseMongo(variables, complaints);
  const postgres = parsePostgres(variables, complaints);
  complaints.throwIfAny();
  if (mongo === undefined || postgres === undefined)
    throw new Error('a part of the configuration is missing without a complaint');
  return { mongo, postgres };
}

/**
 * The approvals that the default configuration file demands of every apply; undefined: none. A file that is wrong
 * demands none here: the commands that need it say what is wrong.
 */
export async function demandedApprovals(directory: string): Promise<ApprovalsConfiguration | undefined> {
  const complaints = new Complaints();
  const path = join(directory, DEFAULT_CONFIG_FILE);
  const [layer] = layersOf(await readRulesFile(path, path, 'ignore', complaints), 'approvals');
  return parseApprovals(layer, path, complaints);
}

/** Options of a MongoDB connection string that hold a secret. */
const SECRET_OPTION = /[?&](?:authMechanismProperties|proxyPassword|tlsCertificateKeyFilePassword)=([^&]*)/gi;

/** The credentials of a configuration, in every spelling that an error may quote. */
export function secretsOf({ mongo, postgres }: ConnectionConfiguration): string[] {
  const inUri = [
    /^[^:]+:\/\/[^:@]*:([^@]*)@/.exec(mongo.uri)?.[1] ?? '',
    ...[...mongo.uri.matchAll(SECRET_OPTION)].map(([, value = '']) => value),
  ];
  const passwords = [...inUri.map(decodeURIComponent), postgres.password ?? ''];
  const spellings = passwords.flatMap((password) => [password, encodeURIComponent(password)]);
  return [mongo.uri, ...inUri, ...spellings].filter((secret) => secret !== '');
}

function pathOfConfigFile({ directory, configFile }: ConfigurationSources): string {
  return configFile ?? join(directory, DEFAULT_CONFIG_FILE);
}

async function readConfigFile(
  sources: ConfigurationSources,
  complaints: Complaints,
): Promise<RulesFile | undefined> {
  const { configFile: name = DEFAULT_CONFIG_FILE } = sources;
  const missing = sources.configFile === undefined ? 'ignore' : 'complain';
  const file = await readRulesFile(pathOfConfigFile(sources), name, missing, complaints);
  if (file === undefined) return undefined;
  const whole = { file, node: file.root, prefix: '' };
  settingsFrom(configFileSchema, { mapping: {}, policy: {}, approvals: {} }, [whole], complaints);
  return file;
}

async function readPolicyFile(
  policyFile: string | undefined,
  complaints: Complaints,
): Promise<RulesFile | undefined> {
  if (policyFile === undefined) return undefined;
  if (policyFile === '-') return readRulesFile(process.stdin, 'stdin', 'complain', complaints);
  return readRulesFile(policyFile, policyFile, 'complain', complaints);
}

function layersOf(file: RulesFile | undefined, part: 'mapping' | 'policy' | 'approvals'): Layer[] {
  const node = file && findNodeAtLocation(file.root, [part]);
  return file === undefined || node === undefined ? [] : [{ file, node, prefix: `${part}.` }];
}
