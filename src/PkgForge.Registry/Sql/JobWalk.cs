using System.Globalization;

namespace PkgForge.Registry.Sql;

/// <summary>Between which numbers jobs are looked for.</summary>
/// <param name="Above">Only from this one on; null for all.</param>
/// <param name="Below">Only those before this one; null for all.</param>
internal sealed record JobBounds(long? Above, long? Below);

/// <summary>Which source packages are looked for.</summary>
/// <param name="Name">The name, or what names begin with.</param>
/// <param name="IsPrefix">It is a beginning.</param>
/// <param name="Ids">Those that there are, where they are not too many to look at one by one; otherwise null.</param>
internal sealed record SoughtSource(string Name, bool IsPrefix, IReadOnlyList<long>? Ids)
{
    /// <summary>Behind all names that begin so: texts compare by their code points.</summary>
    public string Behind => $"{Name}\U0010FFFF";
}

/// <summary>
/// How jobs are looked for: one condition, for which there is an index in the order of registration, gives the candidates; the others are asked of each of
/// those. Where nothing else is asked every candidate is a hit, and a page costs what is on it.
/// </summary>
internal sealed class JobWalk
{
    private readonly JobQuery query;
    private readonly Driver driver;
    private readonly string inState;
    private readonly SoughtSource? source;

    /// <param name="query">What is asked for.</param>
    /// <param name="inState">The condition for its state; empty where none is asked for.</param>
    /// <param name="source">Its source packages; null where none are asked for.</param>
    public JobWalk(JobQuery query, string inState, SoughtSource? source)
    {
        (this.query, this.inState, this.source) = (query, inState, source);
        driver =
            source?.Ids is not null ? Driver.Source
            : query.Submitter is not null ? Driver.Submitter
            // Few jobs are in any other state: fewer than a platform has.
            : query.State is not (null or JobState.Successful) ? Driver.State
            : query.Platform is not null ? Driver.Platform
            : query.Bucket is not null ? Driver.Bucket
            : query.State is not null ? Driver.State
            : Driver.All;
    }

    /// <summary>What gives the candidates.</summary>
    private enum Driver
    {
        Source,
        Submitter,
        Platform,
        State,
        Bucket,
        All,
    }

    /// <summary>Every candidate is a hit.</summary>
    public bool IsExact => !Conditions().Any();

    /// <summary>What is asked of each candidate; the job is <c>job</c>.</summary>
    public string Rest => string.Concat(Conditions().Select(condition => $" AND {condition}"));

    /// <summary>So many candidates cost as much as one does elsewhere: those of each name are looked up.</summary>
    public int Names => source?.Ids?.Count ?? 1;

    /// <summary>Numbers of the newest candidates, as <c>walk.place</c>.</summary>
    public string Candidates(int atMost, JobBounds bounds) =>
        driver == Driver.Source
            ? Newest(
                string.Join(" UNION ", source!.Ids!.Select(id => $"SELECT place FROM {OfPackage(id, atMost, bounds)}")),
                atMost
            )
            : OfOne(atMost, bounds);

    private static string Newest(string union, int atMost) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"(SELECT place FROM ({union}) AS each_name ORDER BY place DESC LIMIT {atMost}) AS walk"
        );

    private static string OfPackage(long id, int atMost, JobBounds bounds) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"(SELECT DISTINCT job AS place FROM job_package WHERE package = {id}{Between("job", bounds)} ORDER BY job DESC LIMIT {atMost}) AS of_{id}"
        );

    /// <summary>
    /// By subqueries: how few jobs there are behind a bound that it knows looks so cheap to PostgreSQL that it plans every page anew, which takes longer
    /// than the page.
    /// </summary>
    private static string Between(string column, JobBounds bounds) =>
        (bounds.Above is null ? "" : $" AND {column} >= (SELECT @above)")
        + (bounds.Below is null ? "" : $" AND {column} < (SELECT @below)");

    private string OfOne(int atMost, JobBounds bounds)
    {
        var (column, from) = driver switch
        {
            Driver.Submitter => (
                "number",
                $"job WHERE submitter = @submitter{(inState.Length > 0 ? $" AND {inState}" : "")}"
            ),
            Driver.Platform => ("job", $"task WHERE task.platform = {ThatPlatform}"),
            Driver.State => ("number", $"job WHERE {inState}"),
            Driver.Bucket => ("number", "job WHERE bucket = @bucket"),
            _ => ("number", "job WHERE true"),
        };
        // The number is text for the reason that a page's limit is.
        return string.Create(
            CultureInfo.InvariantCulture,
            $"(SELECT {column} AS place FROM {from}{Between(column, bounds)} ORDER BY {column} DESC LIMIT {atMost}) AS walk"
        );
    }

    /// <summary>What the statements name.</summary>
    public (string Name, object? Value)[] Parameters(JobBounds bounds)
    {
        (string, object?)[] all =
        [
            ("submitter", query.Submitter),
            ("source", source?.Name),
            ("behind", source?.Behind),
            ("platform", query.Platform?.ToString().ToLowerInvariant()),
            ("bucket", query.Bucket),
            ("from", query.From),
            ("to", query.To),
            ("above", bounds.Above),
            ("below", bounds.Below),
        ];
        return [.. all.Where(parameter => parameter.Item2 is not null)];
    }

    private IEnumerable<string> Conditions()
    {
        if (source is not null && driver != Driver.Source)
            yield return """
                EXISTS (SELECT 1 FROM job_package JOIN package ON package.id = job_package.package
                        WHERE job_package.job = job.number AND package.name >= @source AND package.name < @behind)
                """;
        if (query.Submitter is not null && driver != Driver.Submitter)
            yield return "job.submitter = @submitter";
        if (inState.Length > 0 && driver is not (Driver.Submitter or Driver.State))
            yield return inState;
        if (query.Platform is not null && driver != Driver.Platform)
            yield return $"EXISTS (SELECT 1 FROM task WHERE task.job = job.number AND task.platform = {ThatPlatform})";
        if (query.Bucket is not null && driver != Driver.Bucket)
            yield return "job.bucket = @bucket";
        if (query.From is not null)
            yield return $"{Registered} >= @from";
        if (query.To is not null)
            yield return $"{Registered} < @to";
    }

    /// <summary>
    /// The candidates' numbers are bounded by it already. That there is an index of it as well is hidden: PostgreSQL would plan every such page anew, and
    /// then read all jobs of that time and sort them.
    /// </summary>
    private const string Registered = "coalesce(job.registered, job.registered)";

    private const string ThatPlatform = "(SELECT platform.id FROM platform WHERE platform.key = @platform)";
}
