/** A counter of the core: how Prometheus sees it. */
export interface CounterEntry {
  readonly name: string;
  readonly help: string;
  /** The name of its one label, where it has one. */
  readonly label?: string;
  /** Labels that are the same for all of it: several counters of the core may be one for Prometheus. */
  readonly fixed?: Readonly<Record<string, string>>;
}

export interface GaugeEntry {
  readonly name: string;
  readonly help: string;
  readonly label?: string;
}

const MESSAGES = { name: 'parley_messages_total', help: 'Messages on links by verb, and what became of them.', label: 'verb' };

/** By the name that the core counts under. */
export const COUNTERS: Readonly<Record<string, CounterEntry>> = {
  received: { ...MESSAGES, fixed: { outcome: 'received' } },
  sent: { ...MESSAGES, fixed: { outcome: 'sent' } },
  duplicates: { ...MESSAGES, fixed: { outcome: 'duplicate' } },
  rejections: { name: 'parley_rejections_total', help: 'What was turned away, by reason: bytes, messages, connections.', label: 'reason' },
  failures: {
    name: 'parley_failures_total',
    help: 'Messages that this node could not handle for a fault of its own, by error code.',
    label: 'code',
  },
  links_opened: { name: 'parley_links_opened_total', help: 'Links that were opened, by transport.', label: 'transport' },
  links_failed: { name: 'parley_links_failed_total', help: 'Connections that never became a link, by error code.', label: 'code' },
  links_closed: { name: 'parley_links_closed_total', help: 'Links that ended.' },
  links_unresponsive: { name: 'parley_links_unresponsive_total', help: 'Links ended because the neighbour did not answer.' },
  paced: { name: 'parley_paced_total', help: 'Times that a link was not read from for a while, because it sent too much.' },
  shed: {
    name: 'parley_shed_total',
    help: 'Messages that were not sent because the queue of a link was long, by kind of traffic.',
    label: 'kind',
  },
  traffic_refused: {
    name: 'parley_traffic_refused_total',
    help: 'Messages that were refused because a neighbour sent too much of their kind of traffic.',
    label: 'kind',
  },
  direct_dials: {
    name: 'parley_direct_dials_total',
    help: 'Nodes that were dialled at the addresses in their records, by outcome.',
    label: 'outcome',
  },
  acks: { name: 'parley_acks_total', help: 'Acknowledgements that came too late or not at all.', label: 'outcome' },
  receipts: { name: 'parley_receipts_total', help: 'Receipts that recipients who are there did not send.', label: 'outcome' },
  reports: {
    name: 'parley_reports_total',
    help: 'NACKs and RECEIPTs of this node, by verb and whether there was a way.',
    label: 'outcome',
  },
  circuits_made: { name: 'parley_circuits_made_total', help: 'Circuits that this node has made for itself.' },
  circuits_failed: { name: 'parley_circuits_failed_total', help: 'Circuits that this node could not make, by error code.', label: 'code' },
  circuit_cells: { name: 'parley_circuit_cells_total', help: 'Cells sent: of own circuits, and as a hop of others.', label: 'role' },
  circuit_carried: {
    name: 'parley_circuit_carried_total',
    help: 'Envelopes that this node has sent as the last hop of a circuit, by whether it answers for them.',
    label: 'how',
  },
  circuit_lookups: { name: 'parley_circuit_lookups_total', help: 'Lookups of this node as the last hop of a circuit.', label: 'what' },
  custody_evicted: { name: 'parley_custody_evicted_total', help: 'Messages in custody that were given up for lack of room.' },
  messages_sent: { name: 'parley_channel_messages_sent_total', help: 'Channel messages written at this node.' },
  messages_received: { name: 'parley_channel_messages_received_total', help: 'Channel messages of others that came to this node.' },
  file_chunks_given: {
    name: 'parley_file_chunks_given_total',
    help: 'Chunks of files given to others, by the way they went.',
    label: 'way',
  },
  file_failures: { name: 'parley_file_failures_total', help: 'Files that could not be fetched or given, by error code.', label: 'code' },
  files_fetched: { name: 'parley_files_fetched_total', help: 'Files that were fetched whole.' },
  history_given: { name: 'parley_history_given_total', help: 'Old messages given to members who lacked them.' },
  history_forgotten: {
    name: 'parley_history_forgotten_total',
    help: 'Old messages that were deleted because their channel, or their sender in it, had too many.',
  },
  messages_expired: { name: 'parley_messages_expired_total', help: 'Messages that were deleted because their time was over.' },
  udp_sent: { name: 'parley_udp_packets_sent_total', help: 'UDP packets sent.' },
  udp_sent_bytes: { name: 'parley_udp_sent_bytes_total', help: 'Bytes of UDP packets sent.' },
  udp_received: { name: 'parley_udp_packets_received_total', help: 'UDP packets received, the rejected among them.' },
  stun: { name: 'parley_stun_total', help: 'STUN messages of others, by outcome.', label: 'outcome' },
  lan: {
    name: 'parley_lan_total',
    help: 'Discovery on the local network, by event: announcements, and what came of those of others.',
    label: 'event',
  },
  connects: {
    name: 'parley_connects_total',
    help: 'Connections that were to be opened from both ends, by what came of them.',
    label: 'outcome',
  },
  rejoin: { name: 'parley_rejoin_total', help: 'Dials of remembered addresses, by outcome.', label: 'outcome' },
  udp_received_bytes: { name: 'parley_udp_received_bytes_total', help: 'Bytes of UDP packets received.' },
  registry_questions: { name: 'parley_registry_questions_total', help: 'Questions that the registry sent over UDP.' },
  registry_timeouts: { name: 'parley_registry_timeouts_total', help: 'Questions of the registry that nobody answered.' },
  registry_retries: {
    name: 'parley_registry_retries_total',
    help: 'Questions that had to be asked again, because the address was not proved.',
  },
  registry_stale_tokens: {
    name: 'parley_registry_stale_tokens_total',
    help: 'Questions that came with a token which is not good any more.',
  },
  registry_signatures: {
    name: 'parley_registry_signatures_total',
    help: 'Ed25519 signatures of packets, made and checked.',
    label: 'kind',
  },
  registry_lookups: { name: 'parley_registry_lookups_total', help: 'Lookups over UDP, by what came of them.', label: 'outcome' },
  registry_given: {
    name: 'parley_registry_given_total',
    help: 'Records that others were asked to keep, by what they did.',
    label: 'outcome',
  },
  registry_handed: {
    name: 'parley_registry_handed_total',
    help: 'Records that newcomers were given because they are nearer to them, by what they did.',
    label: 'outcome',
  },
  registry_published: { name: 'parley_registry_published_total', help: 'Times that the own record was made anew.' },
  registry_outrun: { name: 'parley_registry_outrun_total', help: 'Times that others had a later record of this node than itself.' },
  registry_joined: { name: 'parley_registry_joined_total', help: 'Times that this server joined the table.' },
  registry_contacts_lost: { name: 'parley_registry_contacts_lost_total', help: 'Servers of the table that were given up.' },
  history_taken: { name: 'parley_history_taken_total', help: 'Old messages that members gave to this node.' },
};

export const GAUGES: Readonly<Record<string, GaugeEntry>> = {
  links: { name: 'parley_links', help: 'Open links.' },
  circuits_own: { name: 'parley_circuits_own', help: 'Circuits of this node that stand.' },
  circuit_hops: { name: 'parley_circuit_hops', help: "Others' circuits of which this node is a hop." },
  circuit_half_bytes: { name: 'parley_circuit_half_bytes', help: "Bytes of messages inside others' circuits that are not whole yet." },
  circuit_held: { name: 'parley_circuit_held', help: 'Envelopes of others that this node holds as the last hop of a circuit.' },
  links_chosen: {
    name: 'parley_links_chosen',
    help: 'Links that the node made by itself: over the id space, and to those to whom it writes.',
    label: 'purpose',
  },
  traffic_received: { name: 'parley_traffic_received', help: 'Messages received so far, by kind of traffic.', label: 'kind' },
  traffic_sent: { name: 'parley_traffic_sent', help: 'Messages sent so far, by kind of traffic.', label: 'kind' },
  files: { name: 'parley_files', help: 'Large files that are known here, by how they stand.', label: 'state' },
  file_bytes: { name: 'parley_file_bytes', help: 'Bytes that fetched files take, or will.' },
  links_opening: { name: 'parley_links_opening', help: 'Connections that are not a link yet.' },
  queued_bytes: { name: 'parley_queued_bytes', help: 'Bytes in the send queues of all links.' },
  window_queued: { name: 'parley_window_queued', help: 'Messages that wait until a neighbour has acknowledged others.' },
  window_flying: { name: 'parley_window_flying', help: 'Messages sent to a neighbour and not acknowledged yet.' },
  custody_messages: { name: 'parley_custody_messages', help: 'Messages that this node answers for.' },
  custody_bytes: { name: 'parley_custody_bytes', help: 'Bytes of the messages that this node answers for.' },
  custody_recipients: {
    name: 'parley_custody_recipients',
    help: 'Recipients of the messages of others that this node answers for, counted with each message.',
  },
  custody_memory_bytes: { name: 'parley_custody_memory_bytes', help: 'Bytes of them that are in memory as well as on disk.' },
  under_way_bytes: { name: 'parley_under_way_bytes', help: 'Bytes of messages that came and are not on disk, or refused, yet.' },
  routes_damped: { name: 'parley_routes_damped', help: 'Destinations that come and go, and of which neighbours are not told for now.' },
  custody_own: { name: 'parley_custody_own_messages', help: 'Those of them that were written at this node.' },
  known_nodes: { name: 'parley_known_nodes', help: 'Nodes that were there within a week.' },
  routes: { name: 'parley_routes', help: 'Destinations to which a route is known.' },
  seen_floods: { name: 'parley_seen_floods', help: 'Floods that are remembered, to know them when they come again.' },
  messages_waiting: { name: 'parley_messages_waiting', help: 'Own direct messages that wait for a session.' },
  devices: { name: 'parley_linked_devices', help: 'Other devices of this user.' },
  contacts: { name: 'parley_contacts', help: 'Contacts, those who wait for an answer and those who are blocked among them.' },
  channels: { name: 'parley_channels', help: 'Channels that are known.' },
  lan_nodes: { name: 'parley_lan_nodes', help: 'Nodes that announced themselves on the local network in this run.' },
  acquaintances: { name: 'parley_acquaintances', help: 'Addresses of other nodes that are remembered.' },
  registry_contacts: { name: 'parley_registry_contacts', help: 'Servers in the table of the registry.' },
  registry_pending: { name: 'parley_registry_pending', help: 'Questions of the registry that wait for an answer.' },
  registry_records: { name: 'parley_registry_records', help: 'Records that this node keeps.' },
  registry_record_bytes: { name: 'parley_registry_record_bytes', help: 'Bytes of the records that this node keeps.' },
  store_bytes: { name: 'parley_store_bytes', help: 'Bytes of the store on disk.' },
};

/** Times, which the core keeps in milliseconds and Prometheus in seconds. */
export const HISTOGRAMS: Readonly<Record<string, GaugeEntry>> = {
  ack_ms: { name: 'parley_ack_seconds', help: 'From a message to the acknowledgement of the neighbour that it was sent to.' },
  registry_lookup_ms: { name: 'parley_registry_lookup_seconds', help: 'How long lookups over UDP took.' },
  delivery_ms: { name: 'parley_delivery_seconds', help: 'From writing a message at this node to the receipt of its recipient.' },
};

/** Told of the program itself. */
export const INFO: GaugeEntry = { name: 'parley_info', help: 'Always 1; its labels say what runs here.' };
export const INFO_LABELS = ['version', 'node_type'] as const;
