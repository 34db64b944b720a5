// Reads what ovn-trace prints (its --detailed form) into events: a pure parser, line by line.

/** One thing that happens to a packet. */
export type TraceEvent =
  | {
      /** It enters a pipeline of a switch or router. */
      readonly kind: 'pipeline';
      readonly pipeline: 'ingress' | 'egress';
      readonly datapath: string;
      /** Empty when the packet was made by OVN in the middle of a pipeline. */
      readonly inport: string;
      readonly outport: string;
      readonly actions: readonly string[];
    }
  | {
      /** A logical flow that it matches. */
      readonly kind: 'step';
      /** Of the pipeline that it is in. */
      readonly datapath: string;
      /** `lr_in_ip_routing`; empty where the output names none. */
      readonly stage: string;
      readonly match: string;
      readonly priority: number;
      /** First eight digits of the flow's uuid; empty for `no match`. */
      readonly flow: string;
      /** Without semicolons at the end; what ovn-trace remarks is a comment: `/* output to "x", type "" *\/`. */
      readonly actions: readonly string[];
    }
  | {
      /** Connection tracking, a clone, a multicast: `ct_snat(ip4.src=100.65.0.103)`. */
      readonly kind: 'transformation';
      readonly text: string;
      readonly actions: readonly string[];
    };

export interface ParsedTrace {
  /** What happens to the packet that was sent, in order. */
  readonly events: readonly TraceEvent[];
  /** Packets that OVN makes on the way, by what they are: `arp`, `tcp_reset`, `icmp4`. */
  readonly generated: readonly string[];
}

type Mutable<T> = T extends { readonly actions: readonly string[] }
  ? Omit<T, 'actions'> & { readonly actions: string[] }
  : never;
type OpenEvent = Mutable<TraceEvent>;

/** Headings that begin another packet: what is below them does not happen to ours. */
const generatedHeading =
  /^(arp|nd_ns|nd_na|nd_na_router|icmp4|icmp4_error|icmp6|icmp6_error|tcp_reset|sctp_abort|reject)\b/;
const pipelineHeading = /^(ingress|egress)\(dp="([^"]*)"(?:, inport="([^"]*)")?(?:, outport="([^"]*)")?\)$/;
const stepLine = /^\d+\. (\w+)(?: \([^)]*\))?: (.*), priority (\d+), uuid ([0-9a-f]+)$/;
const noMatchLine = /^\d+\. ?(\w*).*no match/;

/** `text` is stdout of `ovn-trace --detailed`, of 22.03 to 25.03. Lines that it does not know are actions. */
export function parseTrace(text: string): ParsedTrace {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('# '));
  const events: OpenEvent[] = [];
  const generated: string[] = [];
  let datapath = '';
  /** Lines from this column on belong to a packet that OVN made. */
  let otherFrom = Number.POSITIVE_INFINITY;
  for (const [index, line] of lines.entries()) {
    if (isUnderline(line)) continue;
    const column = line.length - line.trimStart().length;
    const content = line.trim();
    if (column < otherFrom) otherFrom = Number.POSITIVE_INFINITY;
    if (column >= otherFrom) continue;
    const isHeading = isUnderline(lines[index + 1] ?? '');
    if (isHeading && generatedHeading.test(content)) {
      generated.push(content.replace(/\W.*$/, ''));
      otherFrom = contentColumn(column, lines[index + 2] ?? '');
    } else if (isHeading) {
      const event = headingEvent(content);
      if (event.kind === 'pipeline') ({ datapath } = event);
      events.push(event);
    } else {
      const step = stepEvent(content, datapath);
      if (step === undefined) events.at(-1)?.actions.push(content.replace(/;$/, ''));
      else events.push(step);
    }
  }
  return { events, generated };
}

/** What comes last in a list of actions is not indented: its packet then lasts to the end of what surrounds it. */
function contentColumn(heading: number, next: string): number {
  const column = next.length - next.trimStart().length;
  return column > heading + 4 ? heading + 1 : heading;
}

const isUnderline = (line: string): boolean => /^\s*-+$/.test(line);

function headingEvent(content: string): OpenEvent {
  const found = pipelineHeading.exec(content);
  if (found === null) return { kind: 'transformation', text: content, actions: [] };
  const [, pipeline, datapath = '', inport = '', outport = ''] = found;
  return {
    kind: 'pipeline',
    pipeline: pipeline === 'egress' ? 'egress' : 'ingress',
    datapath,
    inport,
    outport,
    actions: [],
  };
}

function stepEvent(content: string, datapath: string): OpenEvent | undefined {
  const found = stepLine.exec(content);
  if (found !== null) {
    const [, stage = '', match = '', priority, flow = ''] = found;
    return { kind: 'step', datapath, stage, match, priority: Number(priority), flow, actions: [] };
  }
  const none = noMatchLine.exec(content);
  if (none === null) return undefined;
  return {
    kind: 'step',
    datapath,
    stage: none[1] ?? '',
    match: '',
    priority: 0,
    flow: '',
    actions: ['drop'],
  };
}

/** Final outputs of the packet: ports that do not lead to another switch or router. */
export function outputsOf({
  events,
}: ParsedTrace): readonly { readonly port: string; readonly type: string }[] {
  return events.flatMap(({ actions }) =>
    actions.flatMap((action) => {
      const [, port, type] = /^\/\* output to "([^"]*)", type "([^"]*)"/.exec(action) ?? [];
      return port === undefined || type === undefined || type === 'patch' || type === 'l3gateway'
        ? []
        : [{ port, type }];
    }),
  );
}
