using PkgForge.Jobs;
using PkgForge.Web.Builders;

namespace PkgForge.Web.Api;

/// <summary>What was asked for with a job, by the manifest that the farm keeps with its sources.</summary>
internal sealed class JobManifests(ServedFarm farm)
{
    /// <summary>The manifest; null where there is none (any more): the sources of a job that was rejected are not kept.</summary>
    public Job? Find(JobId id)
    {
        try
        {
            return farm.Spool.Accepted.Read(id).Job;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Its text as it may be shown: who has no account does not learn others' mail addresses.</summary>
    public static byte[] TextOf(Job job, bool withAddresses) =>
        Manifest.Write(withAddresses ? job : job with { Report = [] });
}
