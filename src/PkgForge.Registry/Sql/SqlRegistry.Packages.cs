using System.Globalization;
using PkgForge.Jobs;
using PkgForge.Sources;

namespace PkgForge.Registry.Sql;

/// <summary>Source packages: which jobs build them.</summary>
internal abstract partial class SqlRegistry
{
    /// <summary>Versions of a package in buckets that are told of: the last that were published.</summary>
    private const string MostVersions = "200";

    public Task<IReadOnlyList<PackageSummary>> ListPackagesAsync(PackageQuery query, CancellationToken cancel)
    {
        var matches = query.Search is null ? "" : "AND lower(name) LIKE @pattern ESCAPE '\\'";
        var limit = Math.Clamp(query.Limit, 0, 1000).ToString(CultureInfo.InvariantCulture);
        return ReadAsync<IReadOnlyList<PackageSummary>>(
            async sql =>
                await sql.QueryAsync(
                    $"""
                    SELECT listed.name, job.id, {ShownState}, job.registered,
                           (SELECT max(version) FROM job_package WHERE package = listed.id AND job_package.job = listed.last)
                    FROM (SELECT id, name, (SELECT max(job) FROM job_package WHERE package = package.id) AS last
                          FROM package WHERE name > @after {matches} ORDER BY name LIMIT {limit}) AS listed
                    JOIN job ON job.number = listed.last
                    ORDER BY listed.name
                    """,
                    row => new PackageSummary(row.Text(0), row.Text(4), row.Id(1), (JobState)row.Int(2), row.Time(3)),
                    query.Search is { } text
                        ? [("after", query.After ?? ""), ("pattern", Pattern(text))]
                        : [("after", query.After ?? "")]
                ),
            cancel
        );
    }

    public Task<PackageHistory?> FindPackageAsync(string name, JobId? after, int limit, CancellationToken cancel) =>
        ReadAsync(
            async sql =>
                await sql.NumberAsync("SELECT id FROM package WHERE name = @name", ("name", name)) is { } package
                    ? new PackageHistory(
                        name,
                        await BuildsAsync(sql, package, after, limit),
                        await VersionsAsync(sql, package)
                    )
                    : null,
            cancel
        );

    /// <summary>What a text is in a pattern: the characters that mean something there mean themselves.</summary>
    private static string Pattern(string text) =>
        $"%{text.ToLowerInvariant().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";

    private static async Task NamePackagesAsync(
        Statements sql,
        IReadOnlyList<NewJob> jobs,
        IReadOnlyDictionary<string, long> numbers
    )
    {
        var packages = Json.Write([
            .. from job in jobs
            from file in job.Job.Sources
            let source = (Name: SourceName.Of(file), Version: SourceName.VersionOf(file))
            where source.Name.Length > 0
            select new PackageJson(
                numbers[job.Job.Id.ToString()],
                Dialect.Storable(source.Name),
                Dialect.Storable(source.Version)
            ),
        ]);
        await sql.ExecuteAsync(InsertPackages, ("packages", packages));
        await sql.ExecuteAsync(InsertJobPackages, ("packages", packages));
    }

    private static async Task<IReadOnlyList<PackageBuild>> BuildsAsync(
        Statements sql,
        long package,
        JobId? after,
        int limit
    )
    {
        var older = after is null ? "" : "AND job_package.job < (SELECT number FROM job WHERE id = @after)";
        var jobs = await sql.QueryAsync(
            $"""
            SELECT job.id, {ShownState}, submitter, bucket, scratch, submitted, registered, ended, sources, reason, number, priority, warnings, version
            FROM job_package JOIN job ON job.number = job_package.job
            WHERE package = @package {older}
            ORDER BY job_package.job DESC, version DESC LIMIT {Math.Clamp(limit, 0, 1000).ToString(
                CultureInfo.InvariantCulture
            )}
            """,
            row => (Number: row.Long(10), Version: row.Text(13), Job: ReadSummary(row)),
            after is { } last ? [("package", package), ("after", last.ToString())] : [("package", package)]
        );
        var tasks = (
            await sql.QueryAsync(
                """
                SELECT task.job, platform.name, architecture, task.state, task.lease, coalesce(task.claimed, attempt.started), attempt.ended
                FROM task
                JOIN platform ON platform.id = task.platform
                LEFT JOIN attempt ON attempt.task = task.id AND attempt.number = task.lease
                WHERE task.job IN (SELECT CAST(value AS bigint) FROM $TEXTS(@names))
                ORDER BY lower(platform.name), lower(architecture)
                """,
                row => (Job: row.Long(0), Task: ReadTask(row)),
                (
                    "names",
                    Json.Write([.. jobs.Select(job => job.Number.ToString(CultureInfo.InvariantCulture)).Distinct()])
                )
            )
        ).ToLookup(row => row.Job, row => row.Task);
        return [.. jobs.Select(job => new PackageBuild(job.Version, job.Job, [.. tasks[job.Number]]))];
    }

    private static PackageTask ReadTask(Row row) =>
        new(row.Key(1), (BuildTaskState)row.Int(3), row.Int(4), row.TimeOrNull(5), row.TimeOrNull(6));

    private static async Task<IReadOnlyList<PublishedVersion>> VersionsAsync(Statements sql, long package) =>
        await sql.QueryAsync(
            $"""
            SELECT bucket, platform.name, architecture, version, count(*), max(at)
            FROM published JOIN platform ON platform.id = published.platform
            WHERE package = @package
            GROUP BY bucket, platform.name, architecture, version
            ORDER BY max(at) DESC, bucket, platform.name, architecture LIMIT {MostVersions}
            """,
            row => new PublishedVersion(row.Text(0), row.Key(1), row.Text(3), row.Int(4), row.Time(5)),
            ("package", package)
        );

    /// <summary>The id of a package. Written so that it is looked up for each name: what is written as a join PostgreSQL may do by reading all packages, and it keeps such a plan.</summary>
    private const string PackageOfName = "(SELECT id FROM package WHERE package.name = given.name)";

    private const string InsertPackages = $"""
        INSERT INTO package (name)
        SELECT DISTINCT given.name FROM $PACKAGES
        WHERE {PackageOfName} IS NULL
        ORDER BY given.name
        ON CONFLICT (name) DO NOTHING
        """;

    private const string InsertJobPackages = $"""
        INSERT INTO job_package (job, package, version)
        SELECT DISTINCT given.job, {PackageOfName}, given.version FROM $PACKAGES
        """;
}
