using PkgForge.Registry;

namespace PkgForge.Web.Access;

/// <summary>Who makes a request.</summary>
/// <param name="Holder">The account, as far as the request has proved one.</param>
/// <param name="AnonymousLooks">Whether those without an account may look.</param>
/// <param name="FormToken">What a form of this session carries, so that no other site can send it; null without a session.</param>
internal sealed record Visitor(CredentialHolder? Holder, bool AnonymousLooks, string? FormToken)
{
    /// <summary>The account's name; null for nobody.</summary>
    public string? Account => Holder?.Account;

    public bool MayLook => Holder is not null || AnonymousLooks;

    /// <summary>May change something, if perhaps not everything.</summary>
    public bool MayWrite => Holder is { Writes: true, Role: >= AccountRole.Submitter };

    public bool IsAdmin => Holder is { Writes: true, Role: AccountRole.Admin };

    /// <summary>May cancel and retry this job: its submitter, a maintainer of its bucket, an admin.</summary>
    public bool MayChange(JobSummary job) => MayChange(job.Submitter, job.Bucket);

    /// <summary>The same of a job that the registry does not know yet.</summary>
    public bool MayChange(string submitter, string bucket) =>
        IsAdmin || (MayWrite && (Holder!.Account == submitter || Holder.Buckets.Contains(bucket)));

    /// <summary>May decide what a bucket holds: its maintainers, admins.</summary>
    public bool Maintains(string bucket) => IsAdmin || (MayWrite && Holder!.Buckets.Contains(bucket));

    /// <summary>Whether a rule lets this visitor through.</summary>
    public bool Satisfies(Rule rule) =>
        rule switch
        {
            Rule.Open or Rule.Builder => true,
            Rule.Look => MayLook,
            Rule.Change => MayWrite,
            Rule.Own => Holder is { Session: true },
            Rule.Admin => IsAdmin,
            _ => false,
        };
}
