using PkgForge.Buckets;
using PkgForge.Native;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Sources;
using PkgForge.Spool;

namespace PkgForge.Server.Publishing;

/// <summary>
/// The package repository of one bucket for one platform. A reader (apt, dnf) sees one snapshot or the next, never a
/// mixture; what it has begun to read stays readable for the next few publishes. Any number of processes may publish: a
/// lock file makes them wait for each other.
/// </summary>
public abstract class BucketRepository
{
    /// <summary>How many snapshots are kept, the current one included. What they list stays installable.</summary>
    public const int KeptSnapshots = 10;

    private readonly SnapshotStore snapshots;
    private readonly Pool pool;

    private protected BucketRepository(string buckets, string bucket, PlatformKey platform, string metadata)
    {
        if (!BucketName.IsWellFormed(bucket))
            throw new ArgumentException($"'{bucket}' is not a bucket's name: {BucketName.Rule}", nameof(bucket));
        if (!platform.IsWellFormed)
            throw new ArgumentException($"'{platform}' is not a platform", nameof(platform));
        (Bucket, Platform) = (bucket, platform);
        Directory = Path.GetFullPath($"{buckets}/{bucket}/{platform}");
        (snapshots, pool) = (new(Directory, metadata), new(Directory));
    }

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }

    /// <summary>The platform.</summary>
    public PlatformKey Platform { get; }

    /// <summary>Where the repository lies: <c>BUCKETS_DIR/BUCKET/NAME-ARCH</c>.</summary>
    public string Directory { get; }

    /// <summary>
    /// Answers whether the task of a mark has ended with its products accepted, and nothing can change that any more. Asked when a publisher died
    /// between showing a snapshot to readers and hearing that its task had ended. Null: every snapshot stands.
    /// </summary>
    public Func<string, CancellationToken, Task<bool>>? IsAccepted { get; set; }

    /// <summary>The repository of a bucket for a platform.</summary>
    /// <param name="buckets">The directory of all buckets.</param>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="platform">The platform, whose format decides the kind of repository.</param>
    /// <exception cref="ArgumentException">A name is not well formed.</exception>
    public static BucketRepository For(string buckets, string bucket, Platform platform) =>
        platform.Format switch
        {
            PackageFormat.Debian => new DebianRepository(buckets, bucket, platform.Key),
            PackageFormat.Rpm => new RpmRepository(buckets, bucket, platform.Key),
            _ => new DummyRepository(buckets, bucket, platform.Key),
        };

    /// <summary>The file of apt's or dnf's configuration that <see cref="Usage"/> belongs in; null where nothing reads such a file.</summary>
    public virtual string? UsageFile => null;

    /// <summary>The snapshots that are kept, oldest first; the last is what readers see.</summary>
    internal IReadOnlyList<Snapshot> Kept() => snapshots.All();

    /// <summary>Whether a product of this name is a package, and so published.</summary>
    public bool Takes(string fileName) => IsPackage(fileName);

    /// <summary>What a user writes into the configuration of apt or dnf to install from here.</summary>
    /// <param name="url">Where the repository is served; null for its directory on this machine.</param>
    public abstract string Usage(string? url = null);

    /// <summary>
    /// Makes an empty first snapshot if there is none, so that apt and dnf can be set up from the start; takes a snapshot back whose task was not
    /// accepted. Does not wait for a publisher that is at work on such a one, perhaps stopped in the middle of it: if he dies, whoever publishes or starts next
    /// takes it back.
    /// </summary>
    /// <exception cref="FarmFaultException">It could not be made.</exception>
    public async Task EnsureAsync(CancellationToken cancel)
    {
        if (snapshots.Current() is not { } current)
            await PublishAsync([], null, Always, cancel);
        else if (current.Mark() is not null)
            await TellingAsync(async () =>
            {
                using var held = FileLock.TryTake(LockFile);
                return held is null ? null : await PublishLockedAsync([], null, Always, cancel);
            });
    }

    /// <summary>The repository for builds that use the bucket; null while nothing was published.</summary>
    public RepositoryReference? Reference()
    {
        if (snapshots.Current() is not { } current || !File.ReadLines(Snapshot.ListOf(current.Directory)).Any())
            return null;
        var digest = Digest.OfFile($"{current.Directory}/{ListOfIndexes}");
        return new(Bucket, Directory, $"{current.Number}-{digest}");
    }

    /// <summary>
    /// Publishes the packages among the products of a task, all or none. A package replaces the one of the same file name.
    /// Safe to repeat: what is published already stays as it is.
    /// </summary>
    /// <param name="products">The products; those that are no packages stay out.</param>
    /// <param name="mark">What <see cref="IsAccepted"/> knows the task by; null for what stands once it is shown.</param>
    /// <param name="commit">Called when all is ready: shows it to readers, if the caller still holds the task.</param>
    /// <param name="cancel">Gives up; nothing is published then.</param>
    /// <exception cref="FarmFaultException">The disk failed or is full, a tool is missing, a product has changed.</exception>
    public async Task<PublishOutcome> PublishAsync(
        IReadOnlyList<ProductFile> products,
        string? mark,
        Commit commit,
        CancellationToken cancel
    )
    {
        var packages = products.Where(p => IsPackage(p.Product.FileName)).ToList();
        if (packages.Find(p => !Member.IsSafe(p.Product.FileName)) is { } hostile)
            return PublishOutcome.Refused($"a product has a name that is not allowed: '{Printable(hostile)}'");
        if (packages.GroupBy(p => p.Product.FileName).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return PublishOutcome.Refused($"there are two products of the name {twice.Key}");
        return await TellingAsync(async () =>
        {
            Disk.MakeDirectory(Directory);
            using var held = await FileLock.TakeAsync(LockFile, cancel);
            FaultPoint.Reach(FaultPoints.PublishBegan);
            return await PublishLockedAsync(packages, mark, commit, cancel);
        });
    }

    private string LockFile => $"{Directory}/lock";

    /// <summary>What goes wrong on the disk is the farm's fault, and says where.</summary>
    private async Task<T> TellingAsync<T>(Func<Task<T>> publish)
    {
        try
        {
            return await publish();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FarmFaultException($"cannot publish to {Directory}: {e.Message}", e);
        }
    }

    /// <summary>Publishes what stands once it is shown.</summary>
    public Task<PublishOutcome> PublishAsync(
        IReadOnlyList<ProductFile> products,
        Commit commit,
        CancellationToken cancel
    ) => PublishAsync(products, null, commit, cancel);

    /// <summary>The file that lists all indexes, relative to a snapshot: the one that readers begin with.</summary>
    private protected abstract string ListOfIndexes { get; }

    /// <summary>True for the files that the repository holds.</summary>
    private protected abstract bool IsPackage(string fileName);

    /// <summary>The name of the package that a file name begins with.</summary>
    private protected abstract string PackageOf(string fileName);

    /// <summary>Writes the metadata of a new snapshot. Returns why a package is refused, or null.</summary>
    private protected abstract Task<string?> WriteMetadataAsync(SnapshotDraft draft, CancellationToken cancel);

    // What holds after a SIGKILL at each checkpoint, given that the next publish begins with Tidy:
    private async Task<PublishOutcome> PublishLockedAsync(
        List<ProductFile> packages,
        string? mark,
        Commit commit,
        CancellationToken cancel
    )
    {
        await SettleAsync(cancel);
        // 1. Nothing has changed for readers: what an earlier crash left, and goes now, was never theirs.
        snapshots.Tidy(KeptSnapshots);
        var added = packages.ConvertAll(p => Member.Of(p.Product, PackageOf(p.Product.FileName)));
        for (var i = 0; i < added.Count; i++)
            pool.Add(packages[i], added[i]);
        // 2. Files are in the pool that no snapshot lists. Readers do not see them; the next publish uses or removes them.
        FaultPoint.Reach(FaultPoints.PublishPooled);
        var current = snapshots.Current();
        var members = Merge(current?.Members() ?? [], added);
        if (current is not null && members.SequenceEqual(current.Members()))
            return CleanUp(
                await commit(current.Number, () => { }) ? PublishOutcome.Published(current.Number) : PublishOutcome.Lost
            );
        if (await WriteSnapshotAsync(members, mark, cancel) is { } refusal)
            return CleanUp(PublishOutcome.Refused(refusal));
        // 3. The snapshot is complete, under a name that is none. The next publish removes it.
        FaultPoint.Reach(FaultPoints.PublishWritten);
        var next = snapshots.Finish();
        // 4. It is on disk under its number, above the current one. The next publish removes it.
        FaultPoint.Reach(FaultPoints.PublishFinished);
        void Switch()
        {
            snapshots.Switch(next);
            // 5. It is published: readers see it, also after a power failure. That the task has ended is not committed yet: the snapshot
            //    carries its mark, and the next publish, or the next start of a builder, asks what became of it.
            FaultPoint.Reach(FaultPoints.PublishSwitched);
        }
        return CleanUp(Close(next, await commit(next.Number, Switch)));
        // 6. Nothing is left of snapshots beyond the kept ones.
    }

    /// <summary>
    /// What a dead publisher has shown to readers, and then died before he heard of his task's end, stands if the task was accepted; if not,
    /// readers get the former snapshot back.
    /// </summary>
    private async Task SettleAsync(CancellationToken cancel)
    {
        if (IsAccepted is null || snapshots.Current() is not { } current || current.Mark() is not { } mark)
            return;
        if (await IsAccepted(mark, cancel))
            SnapshotStore.Confirm(current);
        else
            snapshots.SwitchBack(current);
    }

    /// <summary>The answer is known: the lease may have been lost between the switch and the commit, too.</summary>
    private PublishOutcome Close(Snapshot next, bool committed)
    {
        if (committed)
        {
            SnapshotStore.Confirm(next);
            return PublishOutcome.Published(next.Number);
        }
        if (snapshots.Current()?.Number == next.Number)
            snapshots.SwitchBack(next);
        return PublishOutcome.Lost;
    }

    private async Task<string?> WriteSnapshotAsync(
        IReadOnlyList<Member> members,
        string? mark,
        CancellationToken cancel
    )
    {
        var place = snapshots.NewPlace();
        await File.WriteAllLinesAsync(Snapshot.ListOf(place), members.Select(m => m.ToLine()), cancel);
        if (mark is not null)
            await File.WriteAllTextAsync(Snapshot.MarkOf(place), mark, cancel);
        // The oldest will go when this one is current.
        var former = snapshots.All().TakeLast(KeptSnapshots - 1).ToList();
        return await WriteMetadataAsync(new(place, members, former), cancel);
    }

    private PublishOutcome CleanUp(PublishOutcome outcome)
    {
        try
        {
            snapshots.Tidy(KeptSnapshots);
            pool.Sweep(snapshots.All().SelectMany(s => s.Members()).Select(m => m.Path).ToHashSet());
        }
        catch (IOException)
        {
            // The outcome stands whatever became of the cleaning; the next publish cleans again.
        }
        FaultPoint.Reach(FaultPoints.PublishTidied);
        return outcome;
    }

    private static Task<bool> Always(int snapshot, Action switchOver)
    {
        switchOver();
        return Task.FromResult(true);
    }

    private static List<Member> Merge(IReadOnlyList<Member> old, List<Member> added)
    {
        var replaced = added.Select(m => m.FileName).ToHashSet();
        return
        [
            .. old.Where(m => !replaced.Contains(m.FileName))
                .Concat(added)
                .OrderBy(m => m.Path, StringComparer.Ordinal),
        ];
    }

    private static string Printable(ProductFile product) =>
        string.Concat(product.Product.FileName.Take(100).Select(c => char.IsControl(c) ? '?' : c));

    /// <summary>The URL of a directory of this machine.</summary>
    private protected string FileUrl(string scheme) =>
        scheme + string.Join('/', Directory.Split('/').Select(Uri.EscapeDataString));
}
