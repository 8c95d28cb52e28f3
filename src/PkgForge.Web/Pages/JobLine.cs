using PkgForge.Registry;

namespace PkgForge.Web.Pages;

/// <summary>A job in a list.</summary>
/// <param name="Job">The job.</param>
/// <param name="Waits">What it waits for, in a few words; empty when it does not wait.</param>
public sealed record JobLine(JobSummary Job, string Waits)
{
    /// <summary>Its state, as people read it.</summary>
    public string State => Words.Of(Job.State);
}
