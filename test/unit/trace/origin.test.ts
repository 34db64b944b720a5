// From what is typed to the packet that is traced, or to the reason why there is none.
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/net/address.ts';
import { fromOutside, fromWorkload } from '../../../src/trace/origin.ts';
import { microflow, packetText } from '../../../src/trace/packet.ts';
import type { TracePacket } from '../../../src/trace/packet.ts';
import { parseTarget, resolveTarget } from '../../../src/trace/target.ts';
import type { TraceTarget } from '../../../src/trace/target.ts';
import { readRecorded } from '../../support/recorded-traces.ts';

const { topology } = readRecorded('25.03');
const address = (text: string) => parseAddress(text)!;

describe('a target', () => {
  test.each<[string, TraceTarget | undefined]>([
    ['8.8.8.8', { kind: 'address', address: address('8.8.8.8'), port: undefined }],
    ['8.8.8.8:53', { kind: 'address', address: address('8.8.8.8'), port: 53 }],
    ['2001:db8::1', { kind: 'address', address: address('2001:db8::1'), port: undefined }],
    ['[2001:db8::1]:80', { kind: 'address', address: address('2001:db8::1'), port: 80 }],
    ['a/b', { kind: 'workload', namespace: 'a', name: 'b', port: undefined }],
    ['a/b:80', { kind: 'workload', namespace: 'a', name: 'b', port: 80 }],
    ['Service/a/b:80', { kind: 'service', namespace: 'a', name: 'b', port: 80 }],
    ['a', undefined],
    ['a/b/c', undefined],
    ['8.8.8.8:0', undefined],
    ['8.8.8.8:65536', undefined],
    ['8.8.8:80', undefined],
    ['', undefined],
  ])('%s', (text, target) => expect(parseTarget(text)).toEqual(target));

  test.each<[string, object]>([
    ['shalb-demo/web:80', { address: address('10.0.10.2'), port: 80, workload: 'web.shalb-demo' }],
    ['Service/shalb-demo/cloud', { address: address('100.65.0.101'), port: 80, protocol: 'tcp' }],
    ['Service/shalb-demo/cloud:81', { missing: expect.stringMatching(/answers on 100\.65\.0\.101:80 only/) }],
    ['Service/shalb-demo/nope', { missing: expect.stringMatching(/has no load balancer in NB/) }],
    ['shalb-demo/nope', { missing: expect.stringMatching(/no port nope\.shalb-demo/) }],
  ])('%s is looked up', (text, found) =>
    expect(resolveTarget(parseTarget(text)!, topology, 4, undefined)).toMatchObject(found),
  );
});

describe('a packet of a workload', () => {
  const plain = { namespace: 'shalb-demo', name: 'plain' };
  test.each<[string, string, object]>([
    ['its router outside of its subnet', '8.8.8.8', { ethernetDestination: '0a:58:0a:00:0a:01' }],
    ['a neighbour', '10.0.10.2', { ethernetDestination: '0a:58:0a:00:0a:02' }],
    ['an edge router', '10.0.10.254', { ethernetDestination: '0a:58:0a:00:0a:fe' }],
    [
      'nobody',
      '10.0.10.77',
      { silent: true, missing: expect.stringMatching(/nobody on switch shalb-demo-default/) },
    ],
    [
      'itself',
      '10.0.10.3',
      { silent: true, missing: expect.stringMatching(/address of plain\.shalb-demo itself/) },
    ],
    ['another family', 'fd00::1', { missing: 'plain.shalb-demo has no IPv6 address' }],
  ])('to %s', (_, to, found) => expect(fromWorkload(plain, address(to), topology, {})).toMatchObject(found));

  test('may lie', () =>
    expect(
      fromWorkload(plain, address('8.8.8.8'), topology, {
        source: address('10.0.10.99'),
        sourceMac: '02:00:00:00:00:07',
      }),
    ).toMatchObject({ source: '10.0.10.99', ethernetSource: '02:00:00:00:00:07' }));
});

describe('a packet from outside', () => {
  test.each<[string, string, string, object, object]>([
    ['a router', 'ext-cloud', '100.65.0.101', {}, { ethernetDestination: '0a:58:64:41:00:65' }],
    ['a floating IP', 'ext-public', '168.119.17.50', {}, { ethernetDestination: '0a:58:a8:77:11:33' }],
    ['nobody', 'ext-cloud', '100.65.0.250', {}, { silent: true }],
    ['the wrong network', 'ext-public', '100.65.0.101', {}, { silent: true }],
    [
      'a private address by way of its router',
      'ext-cloud',
      '10.0.10.2',
      { via: address('100.65.0.101') },
      { ethernetDestination: '0a:58:64:41:00:65', destination: '10.0.10.2' },
    ],
    [
      'a network that is none',
      'shalb-demo-default',
      '10.0.10.2',
      {},
      { missing: 'no external network is named shalb-demo-default; there are ext-cloud, ext-public' },
    ],
  ])('to %s', (_, network, to, pretence, found) =>
    expect(fromOutside(network, address(to), topology, pretence)).toMatchObject(found),
  );
});

describe('a microflow', () => {
  const packet: TracePacket = {
    inport: 'a.b',
    ethernetSource: '0a:58:0a:00:0a:02',
    ethernetDestination: '0a:58:0a:00:0a:01',
    family: 4,
    source: '10.0.10.2',
    destination: '8.8.8.8',
    protocol: 'udp',
    port: 53,
  };
  const head = 'inport == "a.b" && eth.src == 0a:58:0a:00:0a:02 && eth.dst == 0a:58:0a:00:0a:01';
  test.each<[Partial<TracePacket>, string, string]>([
    [
      {},
      'ip4.src == 10.0.10.2 && ip4.dst == 8.8.8.8 && ip.ttl == 64 && udp && udp.src == 40000 && udp.dst == 53',
      'udp 10.0.10.2:40000 → 8.8.8.8:53',
    ],
    [
      { protocol: 'icmp', port: undefined },
      'ip4.src == 10.0.10.2 && ip4.dst == 8.8.8.8 && ip.ttl == 64 && icmp4 && icmp4.type == 8 && icmp4.code == 0',
      'ping 10.0.10.2 → 8.8.8.8',
    ],
    [
      { family: 6, source: 'fd00::2', destination: 'fd00::3', protocol: 'tcp', port: 80 },
      'ip6.src == fd00::2 && ip6.dst == fd00::3 && ip.ttl == 64 && tcp && tcp.src == 40000 && tcp.dst == 80',
      'tcp [fd00::2]:40000 → [fd00::3]:80',
    ],
  ])('%j', (change, tail, text) => {
    expect(microflow({ ...packet, ...change })).toBe(`${head} && ${tail}`);
    expect(packetText({ ...packet, ...change })).toBe(text);
  });
});
