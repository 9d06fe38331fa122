import type { NameCheck } from '../model/name-check.js';
import { visibleText } from './safe-text.js';

/** The most names that a line lists. */
const NAMES_SHOWN = 8;

/** A line for each default name: the setting, the name, and what stands there under it. */
export function nameChecksText(findings: readonly NameCheck[]): string {
  const widthOf = (part: 'setting' | 'name'): number => Math.max(...findings.map((one) => one[part].length));
  const [settings, names] = [widthOf('setting'), widthOf('name')];
  return findings
    .map((one) => `  ${one.setting.padEnd(settings)}  ${one.name.padEnd(names)}  ${saying(one)}\n`)
    .join('');
}

function saying({ isThere, found, near, others }: NameCheck): string {
  const alike = isThere ? 'of the same spelling' : near.length === 1 ? 'the nearest' : 'equally near';
  if (near.length > 0) return `${found}; ${alike}: ${listed(near)}`;
  return isThere || others.length === 0 ? found : `${found}, and nothing near it among ${listed(others)}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => visibleText(name));
  return `${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`;
}
