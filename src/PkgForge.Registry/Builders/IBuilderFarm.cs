namespace PkgForge.Registry.Builders;

/// <summary>
/// The farm as a builder sees it: everything that a builder needs of the farm, and nothing else. One implementation works
/// on the registry, the spool and the buckets of this machine; the other asks a server over HTTP, which answers out of
/// the first. Both pass one contract suite, and a builder does not know which of the two it has.
/// <para>
/// Calls name the task by what was claimed; each is checked against the lease. All throw <see cref="FarmUnavailableException"/>
/// when the farm cannot be reached (the same call may be made again: every call finds what it has done already), and those
/// that hand over or fetch throw <see cref="LeaseLostException"/> when the task is no longer the builder's.
/// </para>
/// </summary>
public interface IBuilderFarm : IAsyncDisposable
{
    /// <summary>Takes the builder's name for this process. A task that an earlier process of this host held is put back as lost.</summary>
    /// <exception cref="BuilderRefusedException">The name is unknown, or held by a process of another host.</exception>
    Task<BuilderPost> AttachAsync(string builder, string host, CancellationToken cancel);

    /// <summary>Gives the name back; a task that it still holds is put back. Does nothing if the hold is gone already.</summary>
    Task DetachAsync(BuilderSession session, CancellationToken cancel);

    /// <summary>Claims the first waiting task of the builder's platform; null when nothing waits for it.</summary>
    /// <exception cref="BuilderRefusedException">Another process has taken the name.</exception>
    Task<ClaimedTask?> ClaimAsync(BuilderSession session, CancellationToken cancel);

    /// <summary>
    /// Waits until there may be a task for the builder, and no longer than <paramref name="atMost"/>. What is registered after a claim
    /// that found nothing is not missed. Keeps the builder's name alive meanwhile.
    /// </summary>
    /// <returns>True when it was woken: claim. False when the time is up.</returns>
    /// <exception cref="BuilderRefusedException">Another process has taken the name.</exception>
    Task<bool> WaitAsync(BuilderSession session, TimeSpan atMost, CancellationToken cancel);

    /// <summary>Renews the lease. The answer says whether to go on.</summary>
    Task<LeaseAnswer> HeartbeatAsync(ClaimedTask task, CancellationToken cancel);

    /// <summary>
    /// Waits until the user may have asked something of the task that the builder should hear before its next heartbeat (to cancel
    /// it), and no longer than <paramref name="atMost"/>.
    /// </summary>
    Task WaitForRequestAsync(ClaimedTask task, TimeSpan atMost, CancellationToken cancel);

    /// <summary>
    /// Brings everything that the build reads to this machine, each file checked against its digest.
    /// </summary>
    /// <param name="task">What was claimed.</param>
    /// <param name="directory">The builder's own directory, for what has to be copied. What is there already is used if it is right.</param>
    /// <param name="cancel">Gives up.</param>
    Task<TaskOrder> FetchAsync(ClaimedTask task, string directory, CancellationToken cancel);

    /// <summary>Opens the place where the attempt's log and products go.</summary>
    /// <param name="task">What was claimed.</param>
    /// <param name="directory">The builder's own directory, for what has to wait on this machine.</param>
    /// <param name="cancel">Gives up.</param>
    Task<IAttemptStore> OpenStoreAsync(ClaimedTask task, string directory, CancellationToken cancel);

    /// <summary>
    /// Ends the task: publishes its products, if it succeeded and is not scratch, closes the log, and commits the end with the
    /// mail about it. All products and the log must have been handed over and flushed. Safe to repeat.
    /// </summary>
    Task<EndOutcome> FinishAsync(ClaimedTask task, TaskEnd end, CancellationToken cancel);

    /// <summary>Puts the task back, as interrupted or as a farm fault.</summary>
    Task<RequeueOutcome> PutBackAsync(
        ClaimedTask task,
        AttemptOutcome outcome,
        string reason,
        CancellationToken cancel
    );

    /// <summary>
    /// Gives back a task that this builder cannot build and another one may: its machine lacks room, a feature, a recipe. Costs the
    /// task nothing; the farm remembers, says so in <c>status</c>, and does not offer the task to this builder again for an hour.
    /// </summary>
    /// <returns>False if the lease is lost: nothing was changed.</returns>
    Task<bool> RefuseAsync(ClaimedTask task, string reason, CancellationToken cancel);
}

/// <summary>Where the log and the products of one attempt go.</summary>
public interface IAttemptStore : IAsyncDisposable
{
    /// <summary>The file on this machine that the builder appends its log to.</summary>
    string LogPath { get; }

    /// <summary>The log has grown: it may be passed on. Never blocks.</summary>
    void LogGrew();

    /// <summary>Hands a product over. The file is the farm's afterwards, and may be gone from its place. Safe to repeat.</summary>
    /// <param name="path">A regular file; its name is the product's.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Its name, size and SHA-256, as the farm has them now.</returns>
    Task<Product> KeepProductAsync(string path, CancellationToken cancel);

    /// <summary>
    /// Hands over what is kept beside the attempt's log, replacing one of the same name: a further log, e.g. <c>lintian.log</c>, or the attempt's record.
    /// </summary>
    Task KeepLogAsync(string path, CancellationToken cancel);

    /// <summary>Returns when everything that was written to the log, and everything handed over, is on the farm's disk.</summary>
    Task FlushAsync(CancellationToken cancel);
}
