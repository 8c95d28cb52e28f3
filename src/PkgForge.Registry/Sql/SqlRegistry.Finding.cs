using PkgForge.Jobs;
using PkgForge.Platforms;

namespace PkgForge.Registry.Sql;

/// <summary>Looking for jobs by several conditions together.</summary>
internal abstract partial class SqlRegistry
{
    /// <summary>Where a candidate need not be a hit, so many are looked at first, and at most so many for a page.</summary>
    private const int FirstCandidates = 500;

    private const int MostCandidates = 10_000;

    /// <summary>The same where the candidates of several names are looked up.</summary>
    private const int MostOfNames = 2_000;

    /// <summary>Jobs of source packages of more names than these are looked for among all jobs: there are many of them.</summary>
    private const int MostNames = 50;

    /// <summary>
    /// Numbers are given in the order of the times of registration, but for jobs that several transactions register in the same moment: more than such a
    /// moment has.
    /// </summary>
    private const int SameMoment = 500;

    public async Task<JobPage> FindJobsAsync(JobQuery query, CancellationToken cancel)
    {
        var limit = Math.Clamp(query.Limit, 0, 1000);
        if (!query.IsPlain)
            return await ReadAsync(sql => FindAsync(sql, query, limit), cancel);
        var jobs = await ListPlainAsync(query, cancel);
        return new(jobs, limit > 0 && jobs.Count == limit ? jobs[^1].Id : null);
    }

    private static async Task<JobPage> FindAsync(Statements sql, JobQuery query, int limit)
    {
        if (await BoundsAsync(sql, query) is not { } bounds)
            return new([], null);
        var source = query.Source is null ? null : await SeekAsync(sql, query.Source);
        if (source is { Ids.Count: 0 })
            return new([], null);
        var walk = new JobWalk(query, query.State is { } state ? InState(state) : "", source);
        var most = walk.Names > 1 ? MostOfNames : MostCandidates;
        var found = new List<JobSummary>();
        var walked = 0;
        while (true)
        {
            var window =
                walk.IsExact ? limit
                : walked == 0 ? FirstCandidates
                : most - walked;
            found.AddRange(await PageAsync(sql, walk, window, limit - found.Count, bounds));
            if (found.Count >= limit)
                return new(found, found.Count > 0 ? found[^1].Id : null);
            if (walk.IsExact)
                return new(found, null);
            var (count, last) = await EndAsync(sql, walk, window, bounds);
            if (count < window)
                return new(found, null);
            (walked, bounds) = (walked + count, bounds with { Below = last });
            if (walked >= most)
                return new(found, await IdAsync(sql, last));
        }
    }

    /// <summary>Which source packages of a name there are, or of names that begin so.</summary>
    private static async Task<SoughtSource> SeekAsync(Statements sql, string text)
    {
        var sought = text.EndsWith('*') ? new SoughtSource(text[..^1], true, null) : new(text, false, null);
        var names = await sql.QueryAsync(
            sought.IsPrefix
                ? $"SELECT id FROM package WHERE name >= @source AND name < @behind ORDER BY name LIMIT {MostNames + 1}"
                : "SELECT id FROM package WHERE name = @source",
            row => row.Long(0),
            ("source", sought.Name),
            ("behind", sought.Behind)
        );
        return names.Count > MostNames ? sought : sought with { Ids = names };
    }

    /// <summary>Between which numbers the jobs are; null when there can be none.</summary>
    private static async Task<JobBounds?> BoundsAsync(Statements sql, JobQuery query)
    {
        long? above = null;
        long? below = null;
        if (query.From is { } from)
        {
            above = await sql.NumberAsync(
                "SELECT number FROM job WHERE registered >= @from ORDER BY registered, number LIMIT 1",
                ("from", from)
            );
            if (above is null)
                return null;
            above -= SameMoment;
        }
        if (query.To is { } to)
        {
            below = await sql.NumberAsync(
                "SELECT number FROM job WHERE registered < @to ORDER BY registered DESC, number DESC LIMIT 1",
                ("to", to)
            );
            if (below is null)
                return null;
            below += SameMoment;
        }
        if (query.After is { } after)
        {
            var last = await sql.NumberAsync("SELECT number FROM job WHERE id = @after", ("after", after.ToString()));
            if (last is null)
                return null;
            below = below is null ? last : Math.Min(below.Value, last.Value);
        }
        return new(above, below);
    }

    private static Task<List<JobSummary>> PageAsync(
        Statements sql,
        JobWalk walk,
        int window,
        int limit,
        JobBounds bounds
    ) =>
        sql.QueryAsync(
            $"""
            SELECT {SummaryColumns} FROM {walk.Candidates(window, bounds)} JOIN job ON job.number = walk.place
            WHERE true{walk.Rest} ORDER BY walk.place DESC LIMIT {limit}
            """,
            ReadSummary,
            walk.Parameters(bounds)
        );

    /// <summary>How many candidates there were, and the number of the last.</summary>
    private static async Task<(int Count, long Last)> EndAsync(
        Statements sql,
        JobWalk walk,
        int window,
        JobBounds bounds
    ) =>
        (
            await sql.QueryAsync(
                $"SELECT count(*), min(place) FROM {walk.Candidates(window, bounds)}",
                row => (row.Int(0), row.LongOrNull(1) ?? 0),
                walk.Parameters(bounds)
            )
        )[0];

    public Task<LastSuccess?> FindLastSuccessAsync(
        JobId job,
        PlatformKey platform,
        int attempt,
        string source,
        CancellationToken cancel
    ) =>
        ReadAsync(
            async sql =>
                (
                    await sql.QueryAsync(
                        LastSuccessOf,
                        row => new LastSuccess(row.Id(0), row.Int(1), row.Text(2), row.Time(3)),
                        ("job", job.ToString()),
                        ("platform", Stored(platform)),
                        ("attempt", attempt),
                        ("source", source)
                    )
                ).FirstOrDefault(),
            cancel
        );

    /// <summary>Of the newest jobs of the source. Whatever began after the attempt has not succeeded before it; nor has the attempt itself, which may begin and end within a tick of the clock.</summary>
    private const string LastSuccessOf = $"""
        SELECT other.id, success.number, other.bucket, success.ended
        FROM (SELECT task.id, attempt.number, attempt.started, job.bucket FROM job JOIN task ON task.job = job.number JOIN attempt ON attempt.task = task.id
              WHERE job.id = @job AND task.platform = (SELECT id FROM platform WHERE key = @platform) AND attempt.number = @attempt) AS this
        CROSS JOIN (SELECT DISTINCT job_package.job AS place FROM job_package
                    WHERE job_package.package = (SELECT id FROM package WHERE name = @source)
                    ORDER BY place DESC LIMIT 1000) AS walk
        JOIN job AS other ON other.number = walk.place
        JOIN task ON task.job = other.number AND task.platform = (SELECT id FROM platform WHERE key = @platform)
        JOIN attempt AS success ON success.task = task.id
        WHERE success.outcome = {States.Succeeded} AND success.ended <= this.started
          AND (success.task <> this.id OR success.number < this.number)
        ORDER BY CASE WHEN other.bucket = this.bucket THEN 0 ELSE 1 END, success.ended DESC
        LIMIT 1
        """;

    private static async Task<JobId> IdAsync(Statements sql, long number) =>
        (await sql.QueryAsync("SELECT id FROM job WHERE number = @number", row => row.Id(0), ("number", number)))[0];
}
