using System.Text.Json.Serialization;
using PkgForge.Registry.Views;

namespace PkgForge.Web.Api;

/// <summary>A builder to add.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Platform">What it builds: <c>NAME-ARCHITECTURE</c>.</param>
public sealed record NewBuilder(string Name, string Platform);

/// <summary>What is to become of a builder; what is not said stays.</summary>
/// <param name="Draining">It gets no more tasks.</param>
public sealed record BuilderChange(bool? Draining = null);

/// <summary>A code to enrol with.</summary>
/// <param name="ValidSeconds">How long it may be used; an hour when nothing is said.</param>
public sealed record NewEnrolment(long? ValidSeconds = null);

/// <summary>A code to enrol with, shown this once.</summary>
/// <param name="Builder">Which builder the machine becomes.</param>
/// <param name="Code">The code.</param>
/// <param name="Command">The one line to type on the machine.</param>
public sealed record EnrolmentAnswer(string Builder, string Code, string Command);

/// <summary>What was revoked.</summary>
/// <param name="Revoked">So many.</param>
public sealed record RevokedAnswer(int Revoked);

/// <summary>A platform to add. Its recipe is a file of the farm's machine.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="Format"><c>debian</c>, <c>rpm</c> or <c>dummy</c>.</param>
/// <param name="Auto">It is in the default set.</param>
public sealed record NewPlatform(string Name, string Architecture, string Format, bool Auto = false);

/// <summary>What is to become of a platform; what is not said stays.</summary>
/// <param name="Active">Tasks may be made for it.</param>
/// <param name="Auto">It is in the default set.</param>
public sealed record PlatformChange(bool? Active = null, bool? Auto = null);

/// <summary>An account to add.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role"><c>viewer</c>, <c>submitter</c> or <c>admin</c>.</param>
public sealed record NewAccount(string Name, string Role = "submitter");

/// <summary>What is to become of an account.</summary>
/// <param name="Role"><c>viewer</c>, <c>submitter</c> or <c>admin</c>.</param>
public sealed record AccountChange(string Role);

/// <summary>A token to make.</summary>
/// <param name="Label">What it is called; the former one of this label ends.</param>
/// <param name="ValidSeconds">How long it is valid; 90 days when nothing is said.</param>
/// <param name="ReadOnly">It may look only.</param>
public sealed record NewToken(string Label = "default", long? ValidSeconds = null, bool ReadOnly = false);

/// <summary>A token, shown this once.</summary>
/// <param name="Account">Whose it is.</param>
/// <param name="Label">What it is called.</param>
/// <param name="Token">The token.</param>
/// <param name="ReadOnly">It may look only.</param>
public sealed record TokenAnswer(string Account, string Label, string Token, bool ReadOnly);

/// <summary>A cap.</summary>
/// <param name="Tasks">So many tasks at once.</param>
public sealed record CapChange(int Tasks);

/// <summary>How soon a job is to be built.</summary>
/// <param name="Priority"><c>urgent</c>, <c>normal</c> or <c>background</c>.</param>
public sealed record PriorityChange(string Priority);

/// <summary>How soon a job will be built.</summary>
/// <param name="Job">The job.</param>
/// <param name="Priority"><c>urgent</c>, <c>normal</c> or <c>background</c>.</param>
/// <param name="Waiting">So many of its tasks wait.</param>
public sealed record PriorityAnswer(string Job, string Priority, int Waiting);

/// <summary>A page of what was done over HTTP.</summary>
/// <param name="Entries">Newest first.</param>
/// <param name="Before">The number that the next page goes on by; null when this is the last. A page may have no entries and yet be followed by another.</param>
/// <param name="Next">The address of the next page.</param>
public sealed record AuditAnswer(AuditJson[] Entries, long? Before, string? Next);

/// <summary>How the API writes what administrators ask for.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(BuilderJson))]
[JsonSerializable(typeof(PlatformJson))]
[JsonSerializable(typeof(AccountJson))]
[JsonSerializable(typeof(CapJson))]
[JsonSerializable(typeof(CapJson[]))]
[JsonSerializable(typeof(EnrolmentAnswer))]
[JsonSerializable(typeof(RevokedAnswer))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(PriorityAnswer))]
[JsonSerializable(typeof(AuditAnswer))]
public sealed partial class AdminJson : JsonSerializerContext;

/// <summary>How the API reads what administrators say.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(NewBuilder))]
[JsonSerializable(typeof(BuilderChange))]
[JsonSerializable(typeof(NewEnrolment))]
[JsonSerializable(typeof(NewPlatform))]
[JsonSerializable(typeof(PlatformChange))]
[JsonSerializable(typeof(NewAccount))]
[JsonSerializable(typeof(AccountChange))]
[JsonSerializable(typeof(NewToken))]
[JsonSerializable(typeof(CapChange))]
[JsonSerializable(typeof(PriorityChange))]
public sealed partial class AdminRequestJson : JsonSerializerContext;
