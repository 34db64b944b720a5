// What a host of the lab and the agent inside its namespace say to each other.

export type Transport = 'tcp' | 'udp';

export interface Probe {
  readonly transport: Transport;
  /** Address to reach, `192.0.2.1` or `2001:db8::1`. */
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** Bytes that are sent, and expected back. */
  readonly bytes: number;
  readonly localAddress?: string;
  readonly localPort?: number;
}

/** What the far end tells about itself and us. */
export interface Greeting {
  /** Name of the host that answered. */
  readonly server: string;
  /** Address that it saw us come from. */
  readonly client: string;
  readonly clientPort: number;
  /** Address and port that it was reached at, after all translation. */
  readonly local: string;
  readonly localPort: number;
}

/**
 * How a probe went. `refused`: a reset or an ICMP error came back; `silent`: nothing came back in time; `broken`: the
 * connection was made, but what came back was not what was sent.
 */
export type ProbeResult =
  | ({ readonly outcome: 'answered'; readonly afterMs: number } & Greeting)
  | { readonly outcome: 'refused' | 'silent' | 'broken'; readonly afterMs: number; readonly reason: string };

/** One connection, or one datagram, that a listener saw. */
export interface Visit {
  readonly client: string;
  readonly clientPort: number;
  readonly local: string;
}

export interface ListenRequest {
  readonly transport: Transport;
  readonly port: number;
  readonly family: 4 | 6;
}

/** `listener` is a number that `listen` answered. */
export type Order =
  | ({ readonly do: 'probe' } & Probe)
  | ({ readonly do: 'listen' } & ListenRequest)
  | { readonly do: 'visits'; readonly listener: number }
  | { readonly do: 'close'; readonly listener: number };

/** What each order answers. */
export interface Answers {
  readonly probe: ProbeResult;
  readonly listen: number;
  readonly visits: readonly Visit[];
  readonly close: null;
}

export interface OrderMessage {
  readonly id: number;
  readonly order: Order;
}

/** The first message has id 0: the agent is there. */
export type AnswerMessage =
  | { readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly id: number; readonly error: string };
