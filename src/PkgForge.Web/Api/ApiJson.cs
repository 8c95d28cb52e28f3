using System.Text.Json.Serialization;
using PkgForge.Registry.Views;

namespace PkgForge.Web.Api;

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">Newest first.</param>
/// <param name="Next">The address of the next page; null when this is the last.</param>
public sealed record JobsAnswer(JobJson[] Jobs, string? Next);

/// <summary>A page of source packages.</summary>
/// <param name="Packages">By name.</param>
/// <param name="Next">The address of the next page; null when this is the last.</param>
public sealed record PackagesAnswer(PackageSummaryJson[] Packages, string? Next);

/// <summary>Who asks.</summary>
/// <param name="Account">The account's name; null for nobody.</param>
/// <param name="Role">Its role; null for nobody.</param>
/// <param name="ReadOnly">The token may look only.</param>
/// <param name="Maintains">Buckets that it maintains.</param>
public sealed record MeAnswer(string? Account, string? Role, bool ReadOnly, string[] Maintains);

/// <summary>How one may log in.</summary>
/// <param name="Ways"><c>token</c>, <c>browser</c>; and <c>oidc</c>, <c>kerberos</c> where the farm has them.</param>
public sealed record LoginAnswer(string[] Ways);

/// <summary>A command that wants to log in.</summary>
/// <param name="Host">The machine that it is on.</param>
public sealed record HostRequest(string Host);

/// <summary>What a command shows to its person, and what it asks with.</summary>
/// <param name="Claim">A secret: who has it gets the token.</param>
/// <param name="Code">What the person sees in both places.</param>
/// <param name="Page">The path of the page where it is allowed.</param>
/// <param name="ExpiresIn">Seconds.</param>
/// <param name="Interval">Seconds to wait before each question.</param>
public sealed record CodeAnswer(string Claim, string Code, string Page, int ExpiresIn, int Interval);

/// <summary>The question for the token.</summary>
/// <param name="Claim">The secret.</param>
public sealed record ClaimRequest(string Claim);

/// <summary>What a command logs in with.</summary>
/// <param name="Token">The token; null while nobody has decided.</param>
public sealed record ClaimAnswer(string? Token);

/// <summary>What is to become of a job.</summary>
/// <param name="Platform">Of one task only; null for all.</param>
/// <param name="All">A retry: those too that succeeded.</param>
public sealed record ChangeRequest(string? Platform = null, bool All = false);

/// <summary>A job to submit, whose files have been uploaded.</summary>
/// <param name="Uploads">Ids of the uploads: every file of every source package, the source packages in the order in which they are to be built.</param>
/// <param name="Bucket">Where its products go.</param>
/// <param name="Id">The job's id; null for one that is made up.</param>
/// <param name="Platforms">Words of the platform language; null for the default set.</param>
/// <param name="Architectures">In the same language.</param>
/// <param name="Report">Mail addresses.</param>
/// <param name="OnError"><c>retry</c> or <c>stop</c>.</param>
/// <param name="Order"><c>given</c> or <c>deps</c>.</param>
/// <param name="Priority"><c>urgent</c>, <c>normal</c> or <c>background</c>.</param>
/// <param name="After">Jobs that must have succeeded first.</param>
/// <param name="Scratch">Publish nothing.</param>
public sealed record SubmitRequest(
    string[] Uploads,
    string Bucket,
    string? Id = null,
    string[]? Platforms = null,
    string[]? Architectures = null,
    string[]? Report = null,
    string? OnError = null,
    string? Order = null,
    string? Priority = null,
    string[]? After = null,
    bool Scratch = false
);

/// <summary>The sources of a job once more, as a new job. What is null is as it was.</summary>
/// <param name="Bucket">Where its products go.</param>
/// <param name="Id">The new job's id; null for one that is made up.</param>
/// <param name="Platforms">Words of the platform language.</param>
/// <param name="Architectures">In the same language.</param>
/// <param name="Report">Mail addresses.</param>
/// <param name="OnError"><c>retry</c> or <c>stop</c>.</param>
/// <param name="Order"><c>given</c> or <c>deps</c>.</param>
/// <param name="Priority"><c>urgent</c>, <c>normal</c> or <c>background</c>.</param>
/// <param name="Scratch">Publish nothing.</param>
public sealed record ResubmitRequest(
    string? Bucket = null,
    string? Id = null,
    string[]? Platforms = null,
    string[]? Architectures = null,
    string[]? Report = null,
    string? OnError = null,
    string? Order = null,
    string? Priority = null,
    bool? Scratch = null
);

/// <summary>Where a job's products are to be published, too.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Platform">Of one task only; null for all that have succeeded.</param>
public sealed record PromoteRequest(string Bucket, string? Platform = null);

/// <summary>What became of a file that the page to submit has sent.</summary>
/// <param name="Upload">By which the form names it; null when it was not taken.</param>
/// <param name="Fault">Why not.</param>
/// <param name="Checked">It is a source package, and was checked with the files that had come before it.</param>
public sealed record TakenFileJson(string? Upload, string? Fault, bool Checked);

/// <summary>How the API writes: as <c>--json</c> does.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(JobsAnswer))]
[JsonSerializable(typeof(JobJson))]
[JsonSerializable(typeof(ChangedJson))]
[JsonSerializable(typeof(ChangesJson))]
[JsonSerializable(typeof(PromotedJson))]
[JsonSerializable(typeof(ProductJson[]))]
[JsonSerializable(typeof(BuilderJson[]))]
[JsonSerializable(typeof(PlatformJson[]))]
[JsonSerializable(typeof(AccountJson[]))]
[JsonSerializable(typeof(MeAnswer))]
[JsonSerializable(typeof(LoginAnswer))]
[JsonSerializable(typeof(CodeAnswer))]
[JsonSerializable(typeof(ClaimAnswer))]
[JsonSerializable(typeof(SubmittedJson))]
[JsonSerializable(typeof(TakenFileJson))]
[JsonSerializable(typeof(FarmBucketJson[]))]
[JsonSerializable(typeof(FarmBucketJson))]
[JsonSerializable(typeof(BucketContentsJson))]
[JsonSerializable(typeof(DifferenceJson))]
[JsonSerializable(typeof(PackagesAnswer))]
[JsonSerializable(typeof(PackageHistoryJson))]
[JsonSerializable(typeof(StatisticsJson))]
public sealed partial class ApiJson : JsonSerializerContext;

/// <summary>How the API reads: what must be there is there.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(HostRequest))]
[JsonSerializable(typeof(ClaimRequest))]
[JsonSerializable(typeof(ChangeRequest))]
[JsonSerializable(typeof(SubmitRequest))]
[JsonSerializable(typeof(ResubmitRequest))]
[JsonSerializable(typeof(PromoteRequest))]
public sealed partial class RequestJson : JsonSerializerContext;
