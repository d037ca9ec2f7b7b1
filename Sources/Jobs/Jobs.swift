/// Jobs: the durable list of copies that were accepted, and the worker that carries them out.
///
/// Use it to record an accepted clone exactly once, to read and steer what became of it, and to run the
/// copies. Do not use it to judge a request (that is Admission), to move bytes (that is VolumeCopy), or to
/// find out which directory or device a claim means (the hall resolves that and hands it in): this room knows
/// keys, steps, places.
///
/// Vocabulary, in the order a newcomer meets it:
/// - a *clone request* is what the gate accepted; its *key* makes repeats of it harmless;
/// - a *job* is the durable record of one request; its *step* says how far it came, and what is true on disk;
/// - an *object* is a stored DataVolume or VirtualMachine, so that `get` has something to show;
/// - a *binding* says which place (directory or device) belongs to which job, and survives the job's end;
/// - a *checkpoint* names the ranges that are copied and flushed: what a new worker need not copy again;
/// - the *journal* is the SQLite file that holds all of it; gate, worker and commands share it;
/// - the *worker* holds the *lease*: one worker process for each data directory.
///
/// Rule of the house: journal first, then act; every act can be repeated.
