using PenguinMails.Campaigns.Campaigns;
using PenguinMails.Campaigns.Contacts;
using PenguinMails.Campaigns.Imports;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes.Sharing;

namespace PenguinMails.Campaigns;

public static class CampaignsModule
{
    public static readonly Module Module = new(typeof(CampaignsModule).Assembly, _ => { }, jobs =>
    {
        jobs.Add<ImportContacts.Order>(ImportContacts.Kind, ImportContacts.Run);
        jobs.Bury<ImportContacts.Order>(ImportContacts.Kind, ImportContacts.Bury);
        jobs.Add<EnqueueAudience.Order>(EnqueueAudience.Kind, EnqueueAudience.Run);
        jobs.Add<CompleteCampaign.Order>(CompleteCampaign.Kind, CompleteCampaign.Run);
        RebalanceSenders.AddTo(jobs);
        jobs.On<MailboxUnshared>(HoldUnshared.Kind, HoldUnshared.Run);
    }, api =>
    {
        AddContact.Map(api);
        ListContacts.Map(api);
        RemoveContact.Map(api);
        SetStanding.Map(api);
        CreateList.Map(api);
        ListLists.Map(api);
        UploadImport.Map(api);
        StartImport.Map(api);
        ReadImport.Map(api);
        SaveTemplate.Map(api);
        ListTemplates.Map(api);
        PreviewTemplate.Map(api);
        SaveCampaign.Map(api);
        ListCampaigns.Map(api);
        ReadUnsent.Map(api);
        Preflight.Map(api);
        CheckCampaignSpam.Map(api);
        LaunchCampaign.Map(api);
        SteerCampaign.Map(api);
        BlockCampaignContent.Map(api);
    });
}
