// Checks of single fields that hold a name, with the same words for every kind.
import { fieldPath, finding, type Finding } from './finding.ts';

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** RFC 1123 label: at most 63 lower-case letters, digits and `-`, none of the latter at an end. */
function isDnsLabel(text: string): boolean {
  return text.length <= 63 && dnsLabel.test(text);
}

/** RFC 1123 subdomain: labels with dots between, at most 253 characters. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => dnsLabel.test(part));
}

/** Complains unless `text` is a DNS label. */
export function checkLabel(path: string, text: string, what: string): Finding[] {
  if (isDnsLabel(text)) return [];
  const hint =
    'use at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit';
  return [finding('Invalid', path, `${JSON.stringify(text)} is not ${what}`, hint)];
}

/** Complains of a name that cannot be told from its neighbours in `ovn-bridge-mappings`. */
export function checkPhysicalNetwork(path: string, text: string): Finding[] {
  if (!/[\s,:]/.test(text)) return [];
  const message = `${JSON.stringify(text)} cannot stand in ovn-bridge-mappings`;
  return [finding('Invalid', path, message, 'use a name without blanks, commas and colons')];
}

/** Complains of each entry that is no DNS label, or stands there twice. */
export function checkLabels(path: string, entries: readonly string[], what: string): Finding[] {
  return entries.flatMap((text, index) => {
    const at = fieldPath(path, index);
    if (entries.indexOf(text) === index) return checkLabel(at, text, what);
    return [finding('Invalid', at, `${text} stands there twice`, 'remove one of them')];
  });
}
