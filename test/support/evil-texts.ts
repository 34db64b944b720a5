// What somebody may write who wants to be read as a part of an expression, and what an expression may look like.
import fc from 'fast-check';

/** Texts that are none of what they stand in the place of, and some that are. */
export const evilText = fc.oneof(
  fc.constantFrom(
    '" || 1 || "',
    'a && ip4',
    '$opj0',
    '@pg',
    '} || {',
    '0.0.0.0/0 || 1',
    '10.0.0.0/8',
    'fd00::/8',
    'web',
    '../../b',
    'x\u0000y',
    '\ud800',
    'app',
    '',
  ),
  fc.string(),
);

const name = 'opj[0-9a-f]{32}';
const address = String.raw`[0-9a-f.:]+(?:/\d+)?`;
const ports = String.raw`(?:tcp|udp|sctp)\.dst (?:==|>=|<=) (?:\d+|\{\d+(?:, \d+)*\})`;
const range = String.raw`(?:tcp|udp|sctp)\.dst >= \d+ && (?:tcp|udp|sctp)\.dst <= \d+`;
const portsOrRanges = `\\((?:${ports}|\\(${range}\\))(?: \\|\\| (?:${ports}|\\(${range}\\)))*\\)`;
const terms = [
  'ip[46]?',
  'icmp[46]',
  `ip[46]\\.(?:src|dst) == (?:\\$${name}|${address}|\\{${address}(?:, ${address})*\\})`,
  String.raw`(?:tcp|udp|sctp)`,
  ports,
  portsOrRanges,
  String.raw`eth\.src == (?:[0-9a-f]{2}:){5}[0-9a-f]{2}`,
].join('|');

/** Every match of a rule of a group: nothing else can be in one. */
export const groupMatch = new RegExp(`^(?:in|out)port == @${name}(?: && (?:${terms}))+$`);
