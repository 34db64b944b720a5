// The syntax of remotes.
import { describe, expect, test } from 'vitest';
import { formatRemote, parseRemotes } from '../../../src/ovsdb/remote.ts';

describe('remotes', () => {
  test.each([
    ['unix:/run/ovn/db.sock', { kind: 'unix', path: '/run/ovn/db.sock' }],
    ['unix:db:1.sock', { kind: 'unix', path: 'db:1.sock' }],
    ['tcp:127.0.0.1:6641', { kind: 'tcp', host: '127.0.0.1', port: 6641 }],
    ['tcp:[::1]:6641', { kind: 'tcp', host: '::1', port: 6641 }],
    ['ssl:db.example.org:6641', { kind: 'ssl', host: 'db.example.org', port: 6641 }],
  ])('%s', (text, remote) => {
    expect(parseRemotes(text)).toEqual([remote]);
    expect(formatRemote(parseRemotes(text)[0]!)).toBe(text);
  });

  test('without a port it is the one of OVSDB', () => {
    expect(parseRemotes('tcp:10.0.0.1,ssl:[fe80::1]')).toMatchObject([{ port: 6640 }, { port: 6640 }]);
  });

  test('a list keeps its order', () => {
    const text = 'tcp:b:1,unix:/a,ssl:[::1]:2';
    expect(parseRemotes(text.replaceAll(',', ' , ')).map(formatRemote).join(',')).toBe(text);
  });

  test.each([
    '',
    'db.sock',
    'unix:',
    'tcp:',
    'tcp:::1:6641',
    'tcp:[1.2.3.4]:6641',
    'tcp:host:0',
    'tcp:host:65536',
    'tcp:host:port',
    'tcp:a b:1',
    'ptcp:6641',
    'tcp:a:1,',
  ])('%j is refused', (text) => {
    expect(() => parseRemotes(text)).toThrow(expect.objectContaining({ code: 'OVSDB_INVALID_REMOTE' }));
  });
});
