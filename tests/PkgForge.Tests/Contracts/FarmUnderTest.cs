using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Buckets;
using PkgForge.Registry.Builders;
using PkgForge.Server.Configuration;
using PkgForge.Server.Handlers;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using PkgForge.Spool;
using PkgForge.Tests.Jobs;

namespace PkgForge.Tests.Contracts;

/// <summary>
/// The farm's side, past every builder: a SQLite registry, a spool and buckets in a directory of their own, with platforms <c>dummy-all</c> and
/// <c>bookworm-amd64</c>, buckets <c>main</c> and <c>other</c> (which uses <c>main</c>), and builders <c>b1</c>, <c>b2</c> and <c>d1</c>. Its
/// mail server does not answer: mails stay where they are.
/// </summary>
public sealed class FarmUnderTest : IAsyncDisposable
{
    public static readonly PlatformKey Dummy = new("dummy", "all");
    public static readonly PlatformKey Bookworm = new("bookworm", "amd64");

    private FarmUnderTest(string root, TimeProvider time)
    {
        Root = root;
        var configuration = new FarmConfiguration
        {
            Spool = $"{root}/spool",
            Registry = $"sqlite:{root}/registry.db",
            Repositories = $"{root}/buckets",
            Work = $"{root}/work",
            Buckets = new Dictionary<string, BucketOptions>
            {
                ["main"] = new(["main"], CheckMode.Inform, CheckMode.Gate),
                ["other"] = new(["other", "main"], CheckMode.Off, CheckMode.Off),
                ["guarded"] = new(["main"], CheckMode.Off, CheckMode.Off, BucketSubmitters.Maintainers),
            },
            Platforms = new Dictionary<PlatformKey, Server.Builds.PlatformRecipe>
            {
                [Dummy] = new() { Format = PackageFormat.Dummy },
            },
            // Nobody listens on port 1.
            Mail = new()
            {
                Host = "127.0.0.1",
                Port = 1,
                From = "farm@example.org",
            },
        };
        var registry = Registries.Open(new() { Connection = configuration.Registry });
        Farm = new(
            configuration,
            registry,
            SpoolDirectories.Under(configuration.Spool, new HashSet<uint> { Accounts.EffectiveUser }),
            NullLogger.Instance,
            time
        );
    }

    public string Root { get; }

    /// <summary>What the implementation under test works with.</summary>
    public Farm Farm { get; }

    public IRegistry Registry => Farm.Registry;

    public static async Task<FarmUnderTest> CreateAsync(TimeProvider? time = null)
    {
        var root = Directory.CreateTempSubdirectory("pkgforge-seam-").FullName;
        var farm = new FarmUnderTest(root, time ?? TimeProvider.System);
        foreach (var area in new[] { "spool/incoming", "spool/accepted", "spool/results", "work", "home" })
            Directory.CreateDirectory($"{root}/{area}");
        await farm.Registry.MigrateAsync(default);
        await farm.Registry.AddPlatformAsync(new(Dummy, PackageFormat.Dummy, true, true), default);
        await farm.Registry.AddPlatformAsync(new(Bookworm, PackageFormat.Debian, true, true), default);
        foreach (var (name, platform) in new[] { ("b1", Dummy), ("b2", Dummy), ("d1", Bookworm) })
            await farm.Registry.AddBuilderAsync(name, platform, default);
        return farm;
    }

    /// <summary>Accepts and registers a job of one script, as Incoming does.</summary>
    public async Task<Job> RegisterAsync(string id, string script = "print a", Func<Job, Job>? change = null)
    {
        var text = $"name a 1.0\n{script}\n";
        var job = SomeJob.With(SomeJob.File("a.dummy", text)) with { Id = JobId.Parse(id) };
        job = change?.Invoke(job) ?? job;
        var directory = Directory.CreateDirectory(Farm.Spool.Accepted.PathOf(job.Id)).FullName;
        await File.WriteAllTextAsync($"{directory}/a.dummy", text);
        var manifest = Manifest.Write(job);
        await File.WriteAllBytesAsync($"{directory}/job.yml", manifest);
        PlatformKey[] platforms = job.Platforms is ["bookworm"] ? [Bookworm] : [Dummy];
        await Registry.RegisterJobAsync(
            new(job, Server.Digest.OfText(Encoding.UTF8.GetString(manifest)), platforms),
            default
        );
        return job;
    }

    public async Task<JobDetail> JobAsync(string id) => (await Registry.FindJobAsync(JobId.Parse(id), default))!;

    public async Task<BuildTask> TaskAsync(string id) => (await JobAsync(id)).Tasks.Single();

    public async Task CancelAsync(string id) => await Registry.CancelAsync(JobId.Parse(id), null, default);

    public Task<long> MailsAsync() => NumberAsync("SELECT count(*) FROM outbox");

    public Task<long> ProductsAsync() => NumberAsync("SELECT count(*) FROM product");

    /// <summary>As if every builder had been silent for an hour.</summary>
    public Task ExpireLeasesAsync() =>
        ExecuteAsync("UPDATE task SET lease_expires = 1 WHERE lease_expires IS NOT NULL");

    /// <summary>The results directory of an attempt.</summary>
    public AttemptDirectory Results(ClaimedTask task) =>
        new(Farm.Spool.Results.PathOf(task.Job, task.Platform, task.Attempt));

    /// <summary>An attempt's log as it is now, whoever has it open: when an attempt has ended its log is looked at, to be stored.</summary>
    public async Task<string> LogTextAsync(ClaimedTask task, CancellationToken cancel)
    {
        // .NET's own way to open it would lock it, and fail while somebody else has.
        await using var log = new FileStream(FileSystem.OpenFile(Results(task).Log), FileAccess.Read);
        using var reader = new StreamReader(log);
        return await reader.ReadToEndAsync(cancel);
    }

    /// <summary>Attempts whose logs are to be stored yet.</summary>
    public IReadOnlyList<BegunAttempt> NotedLogs => new UnstoredLogs(Farm.Spool.Results).All();

    public BucketRepository Repository(string bucket) =>
        BucketRepository.For(Farm.Configuration.Repositories, bucket, new(Bookworm, PackageFormat.Debian, true, true))!;

    /// <summary>Names of the packages that a bucket holds for bookworm.</summary>
    public IReadOnlyList<string> Published(string bucket) =>
        Directory.Exists($"{Repository(bucket).Directory}/pool")
            ?
            [
                .. Directory
                    .EnumerateFiles($"{Repository(bucket).Directory}/pool", "*.deb", SearchOption.AllDirectories)
                    .Select(path => Path.GetFileName(path)),
            ]
            : [];

    /// <summary>Every file of spool and buckets, with its content, and every row of tasks, attempts and products.</summary>
    public async Task<IReadOnlyList<string>> EverythingAsync()
    {
        var files = new[] { Farm.Configuration.Spool, Farm.Configuration.Repositories }
            .Where(Directory.Exists)
            .SelectMany(top => Directory.EnumerateFiles(top, "*", SearchOption.AllDirectories))
            // Notes come and go beside other work.
            .Where(path => !path.Contains("/.logs/", StringComparison.Ordinal))
            .Select(path => $"{path} {Server.Digest.OfFile(path)}");
        var rows = new List<string>();
        foreach (var table in new[] { "task", "attempt", "product", "job", "outbox", "refusal" })
            rows.AddRange(await RowsAsync($"SELECT * FROM {table}"));
        return [.. files.Concat(rows).Order(StringComparer.Ordinal)];
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = Connect();
        await using var command = new SqliteCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<long> NumberAsync(string sql)
    {
        await using var connection = Connect();
        await using var command = new SqliteCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await Registry.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }

    private async Task<List<string>> RowsAsync(string sql)
    {
        await using var connection = Connect();
        await using var command = new SqliteCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        var values = new object[reader.FieldCount];
        while (await reader.ReadAsync())
        {
            reader.GetValues(values);
            rows.Add(string.Join('|', values));
        }
        return rows;
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Root}/registry.db;Pooling=false;Foreign Keys=true");
        connection.Open();
        return connection;
    }
}
