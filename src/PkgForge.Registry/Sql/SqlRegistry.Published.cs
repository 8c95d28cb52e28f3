using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Sources;

namespace PkgForge.Registry.Sql;

/// <summary>What buckets hold, and who made it.</summary>
internal abstract partial class SqlRegistry
{
    public Task<IReadOnlyList<PublishedFile>> FindPublishedAsync(
        string bucket,
        PlatformKey platform,
        IReadOnlyList<string> files,
        CancellationToken cancel
    ) =>
        ReadAsync<IReadOnlyList<PublishedFile>>(
            async sql =>
                await sql.QueryAsync(
                    """
                    SELECT file_name, sha256, job.id, platform.name, architecture, attempt, package.name, version, at
                    FROM published
                    JOIN platform ON platform.id = published.platform
                    JOIN task ON task.id = published.task
                    JOIN job ON job.number = task.job
                    LEFT JOIN package ON package.id = published.package
                    WHERE published.platform = (SELECT id FROM platform WHERE key = @platform) AND published.bucket = @bucket
                      AND file_name IN (SELECT value FROM $TEXTS(@names))
                    """,
                    row => new PublishedFile(
                        row.Text(0),
                        row.Text(1),
                        new(row.Id(2), row.Key(3), row.Int(5)),
                        row.TextOrNull(6),
                        row.TextOrNull(7),
                        row.Time(8)
                    ),
                    ("platform", Stored(platform)),
                    ("bucket", bucket),
                    ("names", Json.Write(files))
                ),
            cancel
        );

    public Task NotePublishedAsync(
        JobId job,
        PlatformKey platform,
        string bucket,
        IReadOnlyDictionary<string, string?> files,
        CancellationToken cancel
    ) =>
        WriteAsync(
            async sql =>
            {
                await sql.ExecuteAsync(
                    InsertPublished(
                        "(SELECT task.id FROM job JOIN task ON task.job = job.number"
                            + " WHERE job.id = @job AND task.platform = (SELECT id FROM platform WHERE key = @platform))",
                        "@bucket"
                    ),
                    ("job", job.ToString()),
                    ("platform", Stored(platform)),
                    ("bucket", bucket),
                    ("published", Written(files))
                );
                return true;
            },
            InDoubt.Repeat,
            cancel
        );

    public Task<IReadOnlyDictionary<AttemptKey, Publisher>> FindPublishersAsync(
        IReadOnlyCollection<AttemptKey> attempts,
        CancellationToken cancel
    ) =>
        ReadAsync<IReadOnlyDictionary<AttemptKey, Publisher>>(
            async sql =>
                (
                    await sql.QueryAsync(
                        """
                        SELECT given.task, given.attempt, job.id, platform.name, architecture
                        FROM $ATTEMPTS
                        JOIN task ON task.id = given.task
                        JOIN job ON job.number = task.job
                        JOIN platform ON platform.id = task.platform
                        """,
                        row =>
                            (
                                Attempt: new AttemptKey(row.Long(0), row.Long(1)),
                                Publisher: new Publisher(row.Id(2), row.Key(3), row.Int(1))
                            ),
                        (
                            "attempts",
                            Json.Write([.. attempts.Distinct().Select(a => new AttemptJson(a.TaskId, a.Number))])
                        )
                    )
                ).ToDictionary(row => row.Attempt, row => row.Publisher),
            cancel
        );

    /// <summary>Notes who has published the files that the bucket took. Publishing is one at a time in a repository: nobody else writes these rows now.</summary>
    private static Task NoteAsync(Statements sql, HeldRow task, IReadOnlyDictionary<string, string?> published) =>
        published.Count == 0
            ? Task.CompletedTask
            : sql.ExecuteAsync(
                InsertPublished("@task", "job.bucket"),
                ("task", task.Lease.TaskId),
                ("published", Written(published))
            );

    private static string Written(IReadOnlyDictionary<string, string?> published) =>
        Json.Write([.. published.Select(file => PublishedOf(file.Key, file.Value ?? ""))]);

    private static PublishedJson PublishedOf(string file, string source) =>
        new(
            Dialect.Storable(file),
            Dialect.Storable(SourceName.Of(source)),
            Dialect.Storable(SourceName.VersionOf(source))
        );

    /// <param name="task">Whose products they are, in SQL.</param>
    /// <param name="bucket">What has taken them, in SQL.</param>
    private static string InsertPublished(string task, string bucket) =>
        $"""
            INSERT INTO published (platform, bucket, file_name, sha256, task, attempt, package, version, at)
            SELECT task.platform, {bucket}, product.file_name, product.sha256, task.id, task.lease,
                   package.id, CASE WHEN package.id IS NOT NULL THEN given.version END, $NOW
            FROM $PUBLISHED
            JOIN product ON product.task = {task} AND product.file_name = given.file
            JOIN task ON task.id = product.task
            JOIN job ON job.number = task.job
            LEFT JOIN package ON package.name = given.package
            WHERE true
            ORDER BY product.file_name
            ON CONFLICT (platform, bucket, file_name) DO UPDATE SET
                sha256 = excluded.sha256, task = excluded.task, attempt = excluded.attempt,
                package = excluded.package, version = excluded.version, at = excluded.at
            """;
}
