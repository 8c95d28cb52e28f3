using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry;

/// <summary>
/// The database of platforms, builders, jobs, tasks and attempts. Two implementations, SQLite for one machine and
/// PostgreSQL for many, pass one contract suite.
/// <para>
/// Every change of a task is compare-and-set on (task, lease number, expected state) and says when it did not happen.
/// Every method is one transaction: it has happened whole or not at all when the process dies. Times are the
/// database's. All methods throw <see cref="RegistryUnavailableException"/> when the database cannot be reached.
/// </para>
/// </summary>
public interface IRegistry : IAsyncDisposable
{
    /// <summary>Brings the schema up to this program's version, under a lock. Returns the names of the migrations that it applied.</summary>
    /// <exception cref="RegistrySchemaException">The schema is newer than the program, or an applied migration's text has changed.</exception>
    Task<IReadOnlyList<string>> MigrateAsync(CancellationToken cancel);

    /// <summary>Throws <see cref="RegistrySchemaException"/>, saying what to run, unless the schema is exactly this program's.</summary>
    Task CheckSchemaAsync(CancellationToken cancel);

    /// <summary>
    /// Makes the roles of the farm that are missing in the database server, if this user may; null where the database has no roles.
    /// <see cref="MigrateAsync"/> then gives them their rights.
    /// </summary>
    Task<RolesOutcome?> MakeRolesAsync(CancellationToken cancel);

    /// <summary>How many rows <see cref="ZapAsync"/> would delete, by table.</summary>
    Task<IReadOnlyDictionary<string, long>> CountAsync(CancellationToken cancel);

    /// <summary>Deletes all jobs, tasks, attempts, products and mails. Platforms and builders stay.</summary>
    Task ZapAsync(CancellationToken cancel);

    /// <summary>Adds a platform. Returns false, and changes nothing, if it is there already (names compare without case).</summary>
    Task<bool> AddPlatformAsync(Platform platform, CancellationToken cancel);

    /// <summary>All platforms, by name and architecture.</summary>
    Task<IReadOnlyList<Platform>> ListPlatformsAsync(CancellationToken cancel);

    /// <summary>Allows or forbids new tasks for a platform. Returns false if there is none. A platform that is not active is not auto in effect.</summary>
    Task<bool> SetPlatformActiveAsync(PlatformKey key, bool active, CancellationToken cancel);

    /// <summary>Puts a platform into the default set, or out of it. Returns false if there is none.</summary>
    Task<bool> SetPlatformAutoAsync(PlatformKey key, bool auto, CancellationToken cancel);

    /// <summary>Adds a builder. Returns false if the name is taken.</summary>
    /// <exception cref="UnknownPlatformException">There is no such platform.</exception>
    Task<bool> AddBuilderAsync(string name, PlatformKey platform, CancellationToken cancel);

    /// <summary>Deletes a builder that no process runs. Its past attempts keep its name.</summary>
    Task<DeleteBuilderOutcome> DeleteBuilderAsync(string name, CancellationToken cancel);

    /// <summary>All builders with their current tasks, by name.</summary>
    Task<IReadOnlyList<Builder>> ListBuildersAsync(CancellationToken cancel);

    /// <summary>
    /// Takes a builder's name for this process. Refused while another host's process holds it and was seen within
    /// <see cref="RegistryOptions.SessionTimeout"/>. The caller proves by a lock on its own host that no other process of
    /// this host runs under the name, so a hold of the same host is taken over; a task that is still leased to the name
    /// is then put back at once, its attempt closed as lost.
    /// </summary>
    /// <param name="name">The builder's name.</param>
    /// <param name="host">This process' host.</param>
    /// <param name="report">Writes the mail about a task that is given up with that; null for none.</param>
    /// <param name="cancel">Gives up.</param>
    Task<AttachResult> AttachBuilderAsync(string name, string host, LossReport? report, CancellationToken cancel);

    /// <summary>Takes a name, and nobody is told of a task that is given up.</summary>
    Task<AttachResult> AttachBuilderAsync(string name, string host, CancellationToken cancel) =>
        AttachBuilderAsync(name, host, null, cancel);

    /// <summary>
    /// The sign of life of builders that wait, any number in one statement; says what a waiting builder should look after.
    /// </summary>
    Task<Beat> BeatAsync(IReadOnlyCollection<BuilderSession> waiting, CancellationToken cancel);

    /// <summary>Lets a builder finish what it builds and gives it no more; or gives it tasks again. Returns false if there is none.</summary>
    Task<bool> SetDrainingAsync(string builder, bool draining, CancellationToken cancel);

    /// <summary>Takes a builder out of quarantine. Returns false if there is no such builder.</summary>
    Task<bool> ReleaseBuilderAsync(string builder, CancellationToken cancel);

    /// <summary>Notes a one-time code with which a machine may enrol as a builder. Earlier codes of it end. Returns false if there is no such builder.</summary>
    /// <param name="builder">The builder's name.</param>
    /// <param name="sha256">Of the code.</param>
    /// <param name="valid">How long from now.</param>
    /// <param name="cancel">Gives up.</param>
    Task<bool> AddEnrolmentAsync(string builder, string sha256, TimeSpan valid, CancellationToken cancel);

    /// <summary>
    /// Uses a code up and notes a token instead; tokens that the builder had end. Returns whose it is; null if the code is unknown, used or
    /// expired. Repeated with the same code and token it answers the same.
    /// </summary>
    Task<TokenHolder?> EnrolAsync(string codeSha256, string tokenSha256, CancellationToken cancel);

    /// <summary>Whose token it is, also when it has ended; null if it is unknown.</summary>
    Task<TokenHolder?> FindTokenAsync(string sha256, CancellationToken cancel);

    /// <summary>Revokes the tokens and codes of a builder. Returns how many; null if there is no such builder.</summary>
    Task<int?> RevokeTokensAsync(string builder, CancellationToken cancel);

    /// <summary>Adds an account. Returns false if the name is taken.</summary>
    Task<bool> AddAccountAsync(string name, AccountRole role, CancellationToken cancel);

    /// <summary>Gives an account another role. Returns false if there is none.</summary>
    Task<bool> SetRoleAsync(string account, AccountRole role, CancellationToken cancel);

    /// <summary>Removes an account with all its credentials. Returns false if there is none.</summary>
    Task<bool> RemoveAccountAsync(string account, CancellationToken cancel);

    /// <summary>Makes an account a maintainer of a bucket, or no longer. Returns false if there is no such account.</summary>
    Task<bool> SetMaintainerAsync(string account, string bucket, bool maintains, CancellationToken cancel);

    /// <summary>Whether an account may decide what a bucket holds: it is a maintainer's, who may submit at all, or an admin's.</summary>
    Task<bool> MaintainsAsync(string account, string bucket, CancellationToken cancel);

    /// <summary>All accounts, by name.</summary>
    Task<IReadOnlyList<FarmAccount>> ListAccountsAsync(CancellationToken cancel);

    /// <summary>Notes a token or a session of an account. Returns false if there is no such account.</summary>
    Task<bool> AddCredentialAsync(string account, NewCredential credential, CancellationToken cancel);

    /// <summary>Whose credential it is; null if it is unknown, ended or expired.</summary>
    Task<CredentialHolder?> FindCredentialAsync(string sha256, CancellationToken cancel);

    /// <summary>Ends one credential. Returns false if there is none (any more).</summary>
    Task<bool> EndCredentialAsync(string sha256, CancellationToken cancel);

    /// <summary>Ends an account's token of this label, or all its tokens and sessions. Returns how many; null if there is no such account.</summary>
    Task<int?> EndCredentialsAsync(string account, string? label, CancellationToken cancel);

    /// <summary>An account's tokens and sessions that can be used, newest first.</summary>
    Task<IReadOnlyList<AccountCredential>> ListCredentialsAsync(string account, CancellationToken cancel);

    /// <summary>Ends one credential of this account. Returns false if it has none of this digest.</summary>
    Task<bool> EndOwnCredentialAsync(string account, string sha256, CancellationToken cancel);

    /// <summary>
    /// Finds the account of somebody whom a provider of identities has proved. At the first log-in it is the one of the name that the provider
    /// says, and is bound to that identity; afterwards the name counts no more.
    /// </summary>
    /// <param name="identity">Who.</param>
    /// <param name="role">The role that the account gets; null when it keeps its own.</param>
    /// <param name="newAs">Makes an account, of this role, where there is none; null when it must be there.</param>
    /// <param name="cancel">Gives up.</param>
    Task<IdentityEntry> EnterAsync(
        ProvenIdentity identity,
        AccountRole? role,
        AccountRole? newAs,
        CancellationToken cancel
    );

    /// <summary>Binds an account to no identity any more: the next who comes by its name is it. Returns false if there is no such account.</summary>
    Task<bool> ForgetIdentitiesAsync(string account, CancellationToken cancel);

    /// <summary>Notes what somebody did over HTTP.</summary>
    Task AddAuditAsync(string account, string action, string subject, CancellationToken cancel);

    /// <summary>What was done over HTTP, newest first.</summary>
    /// <param name="before">Only what was done before this entry: the number of the last one of the page before.</param>
    /// <param name="atMost">So many entries.</param>
    /// <param name="cancel">Gives up.</param>
    Task<IReadOnlyList<AuditEntry>> ListAuditAsync(long? before, int atMost, CancellationToken cancel);

    /// <summary>A page of what was done over HTTP, newest first. It looks at so many entries and no more, however rare what is asked for is.</summary>
    Task<AuditPage> FindAuditAsync(AuditQuery query, CancellationToken cancel);

    /// <summary>
    /// The last success of a source on a platform before an attempt began: of the same bucket, if there is one among the last 5,000 tasks of the platform, else of any.
    /// Null when there is none among them.
    /// </summary>
    /// <param name="job">The attempt's job.</param>
    /// <param name="platform">Its platform.</param>
    /// <param name="attempt">Its number.</param>
    /// <param name="source">The source package's name, without a version.</param>
    /// <param name="cancel">Gives up.</param>
    Task<LastSuccess?> FindLastSuccessAsync(
        JobId job,
        PlatformKey platform,
        int attempt,
        string source,
        CancellationToken cancel
    );

    /// <summary>The files that a task made, by name; empty unless it succeeded.</summary>
    Task<IReadOnlyList<Product>> ListProductsAsync(JobId job, PlatformKey platform, CancellationToken cancel);

    /// <summary>Gives the name back; a task that it still holds is put back as lost. Does nothing if the hold is gone already.</summary>
    Task DetachBuilderAsync(BuilderSession session, CancellationToken cancel);

    /// <summary>Registers a job and its tasks, and wakes the builders that wait. A platform named twice gets one task.</summary>
    /// <exception cref="UnknownPlatformException">A platform is unknown, or not active any more: select again. Nothing was changed.</exception>
    Task<RegisterOutcome> RegisterJobAsync(NewJob job, CancellationToken cancel);

    /// <summary>
    /// Registers jobs in one transaction: what <see cref="RegisterJobAsync"/> does, for each, at a fraction of the cost. Outcomes are in the
    /// order of the jobs.
    /// </summary>
    /// <exception cref="UnknownPlatformException">A platform of one of them: nothing was changed for any.</exception>
    Task<IReadOnlyList<RegisterOutcome>> RegisterJobsAsync(IReadOnlyList<NewJob> jobs, CancellationToken cancel);

    /// <summary>Registers a rejected job with its reason, state <see cref="JobState.Invalid"/>, and puts the mail into the outbox.</summary>
    Task<RegisterOutcome> RegisterRejectedAsync(RejectedJob job, CancellationToken cancel);

    /// <summary>What is registered under this id: the SHA-256 of its manifest; null if nothing.</summary>
    Task<string?> FindManifestAsync(JobId id, CancellationToken cancel);

    /// <summary>A job with its tasks and attempts; null if there is none.</summary>
    Task<JobDetail?> FindJobAsync(JobId id, CancellationToken cancel);

    /// <summary>A page of jobs, newest first.</summary>
    Task<IReadOnlyList<JobSummary>> ListJobsAsync(JobQuery query, CancellationToken cancel);

    /// <summary>
    /// A page of jobs, newest first, by any conditions together, and where the next one begins. However many jobs there are, it looks through a bounded number
    /// of them: see <see cref="JobPage.Next"/>.
    /// </summary>
    Task<JobPage> FindJobsAsync(JobQuery query, CancellationToken cancel);

    /// <summary>
    /// Claims the first waiting task of the builder's platform: by priority; then the submitter who has the fewest tasks building there, then
    /// the one who has used the least lately; then rank, then age. What a cap holds up, and what this builder has refused, is left out.
    /// Returns null when nothing waits for it, also when it is draining, or when the session is no longer the name's. A session that holds a task already gets that one
    /// again, its lease renewed: the answer to an earlier claim was lost. A task that this builder has just failed by a farm fault is
    /// left to another running builder of the platform, if there is one, for <see cref="RegistryOptions.SessionTimeout"/>.
    /// </summary>
    Task<ClaimedTask?> ClaimNextTaskAsync(BuilderSession session, CancellationToken cancel);

    /// <summary>Renews a lease, and the builder's hold on its name with it.</summary>
    Task<LeaseAnswer> HeartbeatAsync(Lease lease, CancellationToken cancel);

    /// <summary>The task that is held under this lease; null if it is not (any more).</summary>
    Task<ClaimedTask?> FindHeldTaskAsync(Lease lease, CancellationToken cancel);

    /// <summary>The task that is held under this lease, or was, whatever became of it; null if it was never given so.</summary>
    Task<ClaimedTask?> FindGivenTaskAsync(Lease lease, CancellationToken cancel);

    /// <summary>
    /// Gives a task back that its builder cannot build. It costs the task nothing, and the builder does not get it again for
    /// <see cref="RegistryOptions.RefusalTime"/>. Returns false, and changes nothing, when the lease is lost.
    /// </summary>
    Task<bool> RefuseTaskAsync(Lease lease, string reason, CancellationToken cancel);

    /// <summary>
    /// Ends a task with its attempt, products and mail in one transaction, and derives the job's state. Returns false, and
    /// changes nothing, when the lease is lost. A result of success or fail stands even if a cancel was asked for meanwhile.
    /// Safe to repeat: the same lease with the same state finds the task already so and returns true.
    /// </summary>
    /// <param name="lease">What the caller holds.</param>
    /// <param name="result">What the task has come to.</param>
    /// <param name="whileHeld">
    /// Done immediately before the commit, while nobody can take the task: however long the process is stopped in it, the lease does not
    /// go to another. Something short, like a rename, that does no harm when it is done again or when the commit fails. Not done when the
    /// lease is lost.
    /// </param>
    /// <param name="cancel">Gives up; whether it has happened is then unknown.</param>
    Task<bool> FinishTaskAsync(Lease lease, TaskResult result, Action? whileHeld, CancellationToken cancel);

    /// <summary>
    /// True when this attempt has ended its task as a success, whatever has become of it since. Waits for whoever is ending it at this moment: after
    /// the answer false no transaction that was begun before can make it true.
    /// </summary>
    Task<bool> WasAcceptedAsync(AttemptKey attempt, CancellationToken cancel);

    /// <summary>Ends a task with nothing to be done beside it.</summary>
    Task<bool> FinishTaskAsync(Lease lease, TaskResult result, CancellationToken cancel) =>
        FinishTaskAsync(lease, result, null, cancel);

    /// <summary>
    /// Puts a task back: <see cref="AttemptOutcome.Interrupted"/> (clean shutdown) or <see cref="AttemptOutcome.FarmFault"/>,
    /// which like a lost attempt counts, at most <see cref="RegistryOptions.MaxFaults"/> times.
    /// </summary>
    /// <param name="lease">What the caller holds.</param>
    /// <param name="outcome">Interrupted or farm fault.</param>
    /// <param name="message">Why, for a person.</param>
    /// <param name="ifGivenUp">The report, committed with the end of the task if this fault was one too many.</param>
    /// <param name="cancel">Gives up; whether it has happened is then unknown.</param>
    Task<RequeueOutcome> RequeueAsync(
        Lease lease,
        AttemptOutcome outcome,
        string message,
        OutgoingMail? ifGivenUp,
        CancellationToken cancel
    );

    /// <summary>
    /// Cancels a job's tasks, or the one of a platform: waiting tasks at once, building ones by asking their builder.
    /// Returns the tasks that it changed or asked for; empty if all had ended; null if there is no such job or task.
    /// </summary>
    Task<IReadOnlyList<PlatformKey>?> CancelAsync(JobId job, PlatformKey? platform, CancellationToken cancel);

    /// <summary>
    /// Puts failed and cancelled tasks of a job back (or the one of a platform), with a clean count of faults; with
    /// <paramref name="all"/> those too that succeeded. Old attempts stay.
    /// Returns the tasks; empty if there was none to put back; null if there is no such job or task.
    /// </summary>
    Task<IReadOnlyList<PlatformKey>?> RetryAsync(JobId job, PlatformKey? platform, bool all, CancellationToken cancel);

    /// <summary>Moves a job's waiting tasks, and those it will have, to another priority. Returns false if there is no such job.</summary>
    Task<bool> SetPriorityAsync(JobId job, Priority priority, CancellationToken cancel);

    /// <summary>Sets how many tasks of a submitter or of a bucket may run at once; null for no cap. The submitter <c>*</c> is everybody who has no cap of their own.</summary>
    Task SetCapAsync(Cap cap, CancellationToken cancel);

    /// <summary>All caps, by kind and name.</summary>
    Task<IReadOnlyList<Cap>> ListCapsAsync(CancellationToken cancel);

    /// <summary>Why each waiting task of a job waits, and until when; empty when none waits.</summary>
    Task<IReadOnlyList<Waiting>> ExplainAsync(JobId job, CancellationToken cancel);

    /// <summary>A page of source packages that jobs have built or are to build, by name.</summary>
    Task<IReadOnlyList<PackageSummary>> ListPackagesAsync(PackageQuery query, CancellationToken cancel);

    /// <summary>A source package over time; null if no job has it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="after">Only jobs older than this one: the last of the page before; null for the first page.</param>
    /// <param name="limit">At most so many jobs.</param>
    /// <param name="cancel">Gives up.</param>
    Task<PackageHistory?> FindPackageAsync(string name, JobId? after, int limit, CancellationToken cancel);

    /// <summary>Who has published these files of a bucket last; of those that the registry does not know, nothing.</summary>
    Task<IReadOnlyList<PublishedFile>> FindPublishedAsync(
        string bucket,
        PlatformKey platform,
        IReadOnlyList<string> files,
        CancellationToken cancel
    );

    /// <summary>
    /// Notes that products of a task that has succeeded are in another bucket than they were built for. Done again, it does no harm.
    /// </summary>
    /// <param name="job">The task's job.</param>
    /// <param name="platform">The task's platform.</param>
    /// <param name="bucket">The bucket that has taken them.</param>
    /// <param name="files">Their names, each with the main file of the source that it is of; null where nobody can tell.</param>
    /// <param name="cancel">Gives up.</param>
    Task NotePublishedAsync(
        JobId job,
        PlatformKey platform,
        string bucket,
        IReadOnlyDictionary<string, string?> files,
        CancellationToken cancel
    );

    /// <summary>Whose attempts these were; of tasks that there are not (any more), nothing.</summary>
    Task<IReadOnlyDictionary<AttemptKey, Publisher>> FindPublishersAsync(
        IReadOnlyCollection<AttemptKey> attempts,
        CancellationToken cancel
    );

    /// <summary>What the farm has done in a window that ends now. It costs what the last day costs, however long the window and the history are.</summary>
    Task<FarmStatistics> ReadStatisticsAsync(StatisticsWindow window, CancellationToken cancel);

    /// <summary>How many attempts ended from one time until before another, by what they came to.</summary>
    Task<EndCounts> CountEndsAsync(DateTimeOffset from, DateTimeOffset until, CancellationToken cancel);

    /// <summary>How many tasks could be claimed now, by platform; platforms without any are left out.</summary>
    Task<IReadOnlyDictionary<PlatformKey, int>> CountWaitingAsync(CancellationToken cancel);

    /// <summary>
    /// Looks for rows that contradict each other. Returns a sentence for each, at most 1,000; empty when all is well. It reads everything.
    /// </summary>
    Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancel);

    /// <summary>A page of the jobs that were accepted, oldest first, with what the spool must hold for them.</summary>
    /// <param name="after">The number of the last job of the page before; 0 for the first page.</param>
    /// <param name="atMost">So many jobs.</param>
    /// <param name="cancel">Gives up.</param>
    Task<IReadOnlyList<KeptJob>> ListKeptAsync(long after, int atMost, CancellationToken cancel);

    /// <summary>
    /// Puts back, as lost, every task whose lease has expired, which counts against its builder. Returns how many. None while the database
    /// has been there for less than a lease's time: until then builders may not have been heard because it was away.
    /// </summary>
    /// <param name="report">Writes the mail about a task that is given up with that; null for none.</param>
    /// <param name="cancel">Gives up.</param>
    Task<int> ReleaseExpiredAsync(LossReport? report, CancellationToken cancel);

    /// <summary>Puts expired tasks back, and nobody is told of one that is given up.</summary>
    Task<int> ReleaseExpiredAsync(CancellationToken cancel) => ReleaseExpiredAsync(null, cancel);

    /// <summary>
    /// Opens a waiting place. A wake-up is only a hint: the caller claims, or sends a heartbeat.
    /// Woken by NOTIFY on PostgreSQL and by the file system on SQLite, never by a polling query. Open it before
    /// the first claim and keep it: what is registered between a claim and the wait wakes the wait. All waiting places of a registry object
    /// share one connection.
    /// </summary>
    Task<IWakeUp> ListenAsync(Topic topic, CancellationToken cancel);

    /// <summary>Takes mails that are due, for one try: they are not due again for a while, longer with each try.</summary>
    Task<IReadOnlyList<OutboxItem>> TakeMailAsync(int atMost, CancellationToken cancel);

    /// <summary>Removes a mail that was sent, or given up.</summary>
    Task RemoveMailAsync(long id, CancellationToken cancel);
}

/// <summary>
/// Writes the mail about a task that was lost once too often and is given up; null if nobody is to be told. It is committed with the task's end.
/// Called in the transaction, perhaps again when that is repeated.
/// </summary>
/// <param name="task">What was held.</param>
/// <param name="why">How it was lost the last time.</param>
public delegate OutgoingMail? LossReport(ClaimedTask task, string why);

/// <summary>
/// A waiting place, opened before the claim that may find nothing, so that a task registered in between is not missed.
/// </summary>
public interface IWakeUp : IAsyncDisposable
{
    /// <summary>
    /// Returns true when something may have happened since the last return, false after <paramref name="atMost"/>.
    /// </summary>
    Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancel);
}
